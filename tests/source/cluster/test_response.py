"""What has arrived is handed on, whatever comes next."""

from __future__ import annotations

import socket
import threading
import time

import urllib3

from kevents.source.cluster.response import Response

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
LINE = b"an event\n"


def test_the_end_of_a_chunk_that_comes_alone_holds_back_nothing() -> None:
    quiet = 2.0  # seconds until the next event

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.recv(65536)
            connection.sendall(HEAD + b"9\r\n" + LINE)
            time.sleep(0.2)
            connection.sendall(b"\r\n9\r\n" + LINE)
            time.sleep(0.05)
            connection.sendall(b"\r\n")
            time.sleep(quiet)
            connection.sendall(b"0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, args=(listener,), daemon=True)
        server.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with urllib3.PoolManager() as pool:
            answer = Response(pool.request("GET", url, preload_content=False, retries=False), url)
            take = answer._some

            def slow() -> bytes:  # on a busy machine the line end is there when the next look is taken
                data = take()
                time.sleep(0.1)
                return data

            answer._some = slow  # type: ignore[method-assign]
            began = time.monotonic()
            read = b""
            while len(read) < 2 * len(LINE):
                read += answer.read()
            took = time.monotonic() - began
            answer.close()
        server.join()
    assert read == LINE * 2
    assert took < quiet
