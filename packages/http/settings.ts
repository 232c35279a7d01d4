/** What `http` must be told; `@safeguard/config` has a superset of it. Times in milliseconds, sizes in bytes. */
export interface HttpSettings {
  /** Address or name to bind. `localhost` binds 127.0.0.1 and, where the machine has it, ::1. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Base that callers use, where it is not `https://<host>:<port>`: behind a proxy. No trailing slash. */
  readonly public_url?: string | undefined;
  /** `ask`: callers may show a certificate in the handshake (RFC 8705); nobody has to. Default `off`. */
  readonly tls_client_certificates?: 'off' | 'ask' | undefined;
  /** `on`: HSTS names `includeSubDomains` (RFC 6797 6.1.2). Default `off`. */
  readonly tls_hsts_subdomains?: 'off' | 'on' | undefined;
  readonly limits: {
    /** Default of a route's body. */
    readonly body_bytes: number;
    /** All headers of a request together, the request line included. */
    readonly header_bytes: number;
    readonly url_bytes: number;
    /** Open connections per bound address. */
    readonly connections: number;
    /** All bodies in flight together. */
    readonly inflight_bytes: number;
  };
  readonly deadlines: {
    /** Default of a route, from the end of the headers to the answer. */
    readonly request_ms: number;
    /** For the ledger to make an event durable. */
    readonly ledger_ms: number;
    /** From the first byte of a request to the end of its headers. */
    readonly headers_ms: number;
    /** Longest silence inside a body. */
    readonly idle_ms: number;
    /** Longest silence between two requests of a connection. */
    readonly keep_alive_ms: number;
    /** For requests in flight when the server stops. */
    readonly stop_ms: number;
  };
  /** The bearer token that opens /metrics; without it only a direct loopback connection does. */
  readonly metrics?: { readonly token?: string | undefined };
}
