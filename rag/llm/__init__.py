"""The optional language model: it words what the passages say, and nothing that they do not say leaves here.

    question, hits, extractive Answer -> pack -> prompt -> model (or tape) -> draft -> support -> decide -> Answer

    providers  names a user may write -> what LangChain is given      failure   what went wrong, in one line
    model      LangChain's chat model as a stream of pieces           patience  timeouts and cancelling around it
    tape       requests and answers kept as files                     tokens    how many tokens a text takes
    opposite   whether a claim says of something else what it says    formula   what a model reckoned, worked out again
    mood       whether it tells a plan as done, a denial as so        cause     whether it gives a cause that the source does
    bind       whether its figures stand by their own words           person    whether it means the one who did or is it
    exchange   whether it puts one thing in another's place           change    whether it tells a change as the source does
    compare    whether its comparisons are those of its figures   when      whether its figures are of the time it says
    silence    what a claim says the sources do not say               doctor    whether a model can be used
    rewrite    a follow-up made whole where the rules are unsure

The extractive answer is there before the model is asked, and stands whenever the model fails, declines or is not borne out.
"""
