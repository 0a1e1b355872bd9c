"""The reader: question + hits -> `Answer`, with no language model.

    hits -> words (tokens of a chunk) -> spans (what could be an answer) -> features (question against span)
         -> ranker (a small network that orders the spans) -> reader (answer, its sentences, or a refusal)

Everything about a chunk that does not depend on the question is computed once and kept (`pool`).
"""
