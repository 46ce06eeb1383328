# The server with its web client, on nothing: the program, the certificates
# that it may trust, and an empty data folder.
#
#   docker build -t parley .
#   docker run -p 8080:8080 -v parley:/data parley

FROM node:22 AS client
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build

FROM golang:1.26 AS server
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=client /src/web/dist web/dist
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /image/parley ./cmd/parley
RUN install -d -m 700 /image/data

FROM scratch
COPY --from=server /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=server /image/parley /parley
COPY --from=server --chown=65532:65532 /image/data /data
USER 65532:65532
WORKDIR /data
ENV PARLEY_DATA=/data PARLEY_ADDR=:8080
VOLUME /data
EXPOSE 8080
# SIGTERM lets people go to another node, within ten seconds.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=10s CMD ["/parley", "health"]
ENTRYPOINT ["/parley"]
CMD ["serve"]
