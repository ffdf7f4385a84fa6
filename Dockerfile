# The image that `kevents record --print-manifest` refers to. Build it in a checkout and push it to where the cluster pulls:
#
#     docker build -t registry.example/kevents:1 .
#
# Pin the base image for builds that must be reproducible. `docker buildx imagetools inspect python:3.12-slim` prints its
# digest; replace <DIGEST> with it:
#
#     docker build --build-arg BASE=python:3.12-slim@sha256:<DIGEST> -t registry.example/kevents:1 .
ARG BASE=python:3.12-slim

FROM ${BASE} AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY kevents ./kevents
RUN python -m venv /opt/kevents && /opt/kevents/bin/pip install --no-cache-dir .

FROM ${BASE}
COPY --from=build /opt/kevents /opt/kevents
# Python finds its bytecode in the image and writes none, so that the root file system can be read-only.
ENV PATH=/opt/kevents/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
# The user of the manifest. It owns nothing in the image; the store is a volume.
USER 65532:65532
ENTRYPOINT ["kevents"]
