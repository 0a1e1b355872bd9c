"""A real language model behind a real OpenAI-compatible server: one layer of random weights, made here, on the CPU.

Nobody wrote the words down beforehand, so a test sees what a scripted server cannot show: that tokens are generated
while they are read, and that generation ends when its reader goes away. The server is that of `transformers serve`
(the command itself asks for `accelerate`, which a model of 60 kB does without). It sends no `[DONE]`, gives the usage
unasked with the last chunk, and answers one request after the other.

A test module takes it with `pytest_plugins = ["tiny_model"]` and the fixture `tiny_model_url`; the model's name is
"tiny". It never ends by itself: `max_tokens` or `stop` ends it.

Run as a program, this file is that server: `python tiny_model.py FOLDER` prints its port and serves until its standard
input is closed, which happens as well when whoever started it is killed.
"""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NAME = "tiny"
WORDS = "根据资料回答问题：资料里没有的，就说不知道。二〇二四年全市外贸进出口总额同比增长百分之五。"
TEMPLATE = "{% for m in messages %}<s>{{ m.role }}\n{{ m.content }}</s>{% endfor %}<s>assistant\n"
OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "TOKENIZERS_PARALLELISM": "false"}
START = 60  # seconds after which a server that has not printed its port is given up; it takes 5 to 12


@pytest.fixture(scope="session")
def tiny_model_url(tmp_path_factory) -> Iterator[str]:
    """The address of the tiny model's server, "http://127.0.0.1:PORT/v1", one for the whole session."""
    with serve(tmp_path_factory.mktemp("model")) as url:
        yield url


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Starts the server in a process of its own, its model and log in `folder`; it is dead when the block is left.

    Raises:
        RuntimeError: it ended, or said nothing for a minute; the message has the end of its log.
    """
    log = folder / "log.txt"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [sys.executable, __file__, folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=os.environ | OFFLINE,
        ) as process,
    ):
        patience = threading.Timer(START, process.kill)
        patience.start()
        try:
            port = process.stdout.readline().strip()
            if not port:
                raise RuntimeError("the tiny model's server did not start:\n" + log.read_text()[-2000:])
            patience.cancel()
            yield f"http://127.0.0.1:{int(port)}/v1"
        finally:
            patience.cancel()
            process.kill()


def write_model(folder: Path) -> None:
    """Writes tokenizer, random weights and settings to `folder`, always the same ones."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(special_tokens=["<s>", "</s>"], initial_alphabet=alphabet, show_progress=False)
    pieces = Tokenizer(models.BPE())
    pieces.pre_tokenizer, pieces.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    pieces.train_from_iterator(WORDS, trainer)  # character by character: each becomes a token
    tokens = PreTrainedTokenizerFast(tokenizer_object=pieces, chat_template=TEMPLATE)
    tokens.save_pretrained(folder)

    torch.manual_seed(0)
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = LlamaConfig(
        vocab_size=len(tokens), max_position_embeddings=2**17, bos_token_id=0, eos_token_id=None, **shape
    )
    model = LlamaForCausalLM(config)
    # Only whole characters are generated: half a character would hold the stream up until its other half came.
    silent = [number for number in range(len(tokens)) if tokens.decode([number]) not in set(WORDS)]
    model.generation_config = GenerationConfig(do_sample=True, suppress_tokens=silent, pad_token_id=1)
    model.save_pretrained(folder)


def main(folder: Path) -> None:
    """Makes the model, prints the port, serves until standard input ends."""
    import uvicorn
    from transformers.cli.serving.chat_completion import ChatCompletionHandler
    from transformers.cli.serving.model_manager import ModelManager
    from transformers.cli.serving.server import build_server
    from transformers.cli.serving.utils import GenerationState

    os.chdir(folder)  # where the model's name is its folder
    write_model(Path(NAME))
    manager = ModelManager(device="cpu", model_timeout=-1)
    manager.device = None  # where torch puts it anyway; naming a device would need `accelerate`
    manager.load_model_and_processor(manager.process_model_name(NAME))
    manager.force_model = NAME  # other names are refused, not looked for
    state = GenerationState()
    app = build_server(manager, ChatCompletionHandler(manager, state), None, None, None, None, state)

    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        sys.stdout.write(f"{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        uvicorn.Server(uvicorn.Config(app, log_config=None)).run(sockets=[listening])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
