"""Data that has arrived is returned without waiting for more."""

from __future__ import annotations

import socket
import threading
import time

import urllib3

from kevents.source.cluster.response import Response

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
LINE = b"an event\n"


def test_a_late_end_of_a_chunk_does_not_delay_events() -> None:
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
            response = Response(pool.request("GET", url, preload_content=False, retries=False), url)
            read_some = response._read_some

            def read_slowly() -> bytes:  # as on a busy machine, where the line end arrives before the next peek
                data = read_some()
                time.sleep(0.1)
                return data

            response._read_some = read_slowly  # type: ignore[method-assign]
            start = time.monotonic()
            data = b""
            while len(data) < 2 * len(LINE):
                data += response.read()
            seconds = time.monotonic() - start
            response.close()
        server.join()
    assert data == LINE * 2
    assert seconds < quiet
