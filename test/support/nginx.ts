import { request as plainRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { certificate } from './certificates.js';
import { freePorts } from './free-ports.js';
import { Running } from './process.js';

const SHIPPED = resolve(import.meta.dirname, '../../deploy/nginx');
export const SITE = 'denuncias.example.gob.mx';
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

export interface Ports {
  /** Plain HTTP, HTTPS, the sub-path of another site, and a site with the logs of the office. */
  plain: number;
  tls: number;
  subPath: number;
  office: number;
}

/**
 * Debian's nginx with the shipped site in an office's configuration that logs, compresses and talks as much
 * as it can.
 */
export class Nginx {
  private constructor(
    private readonly folder: string,
    private readonly process: Running,
    readonly ports: Ports,
    private readonly ca: string,
  ) {}

  static async start(upstream: number): Promise<Nginx> {
    const folder = mkdtempSync(join(tmpdir(), 'denuncia-nginx-'));
    chmodSync(folder, 0o755);
    const { cert, key } = certificate({ host: SITE });
    writeFileSync(join(folder, 'cert.pem'), cert);
    writeFileSync(join(folder, 'key.pem'), key);
    const [plain, tls, subPath, office] = await freePorts(4);
    const ports = { plain: plain!, tls: tls!, subPath: subPath!, office: office! };
    cpSync(join(SHIPPED, 'snippets'), join(folder, 'snippets'), { recursive: true });
    writeFileSync(join(folder, 'site.conf'), shippedSite(folder, ports, upstream));
    writeFileSync(join(folder, 'nginx.conf'), officeConfig(folder, ports));
    for (const name of ['logs', ...TEMPORARY]) mkdirSync(join(folder, name));
    const arguments_ = ['-p', folder, '-c', join(folder, 'nginx.conf')];
    const test = Running.program('nginx', ['-t', ...arguments_]);
    if ((await test.exit()) !== 0 || /\[(warn|emerg)\]/.test(test.output)) throw new Error(test.output);
    const running = Running.program('nginx', arguments_);
    await running.says(/start worker process \d+/);
    return new Nginx(folder, running, ports, cert);
  }

  /** Everything that it wrote, wherever. */
  written(): string {
    const logs = join(this.folder, 'logs');
    return readdirSync(logs)
      .map((name) => readFileSync(join(logs, name), 'utf8'))
      .concat(this.process.output)
      .join('\n');
  }

  /** Whether a text lies in any file below its folder: logs, bodies, answers. */
  holds(text: string): boolean {
    return readdirSync(this.folder, { recursive: true, withFileTypes: true }).some(
      (entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name)).includes(text),
    );
  }

  /** When a file was last made or removed in its folders for bodies and answers. */
  temporaryFilesChanged(): number[] {
    return TEMPORARY.map((name) => statSync(join(this.folder, name)).mtimeMs);
  }

  /** TLS as a client that knows the site and comes from an address. */
  tls(from: string) {
    return { host: '127.0.0.1', port: this.ports.tls, localAddress: from, servername: SITE, ca: this.ca };
  }

  /** A request from an address. `body` is sent with its length, or in chunks where it is a list. */
  async send(path: string, options: SendOptions = {}): Promise<Answer> {
    const { method = 'GET', from = '127.0.0.1', port = this.ports.tls, headers, body } = options;
    const chunks = body === undefined || Array.isArray(body) ? body : [body];
    const length = typeof body === 'string' ? { 'Content-Length': Buffer.byteLength(body) } : {};
    const request: RequestOptions = {
      ...this.tls(from),
      port,
      path,
      method,
      agent: false,
      headers: { Host: SITE, 'Content-Type': 'application/json', ...length, ...headers },
    };
    const outgoing =
      port === this.ports.plain || port === this.ports.office ? plainRequest(request) : tlsRequest(request);
    const answered = once(outgoing, 'response') as Promise<[import('node:http').IncomingMessage]>;
    // A body that is refused may be cut off while it is sent; the answer counts.
    outgoing.on('error', () => undefined);
    for (const [at, chunk] of (chunks ?? []).entries()) {
      if (at > 0) await options.between?.(at);
      outgoing.write(chunk);
    }
    outgoing.end();
    const [response] = await answered;
    let text = '';
    for await (const part of response) text += String(part);
    return { status: response.statusCode!, headers: response.headers, text };
  }

  async stop(): Promise<void> {
    await this.process.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface SendOptions {
  method?: string;
  from?: string;
  port?: number;
  headers?: Record<string, string>;
  body?: string | string[];
  /** Waited for between two chunks. */
  between?: (at: number) => Promise<void>;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** The shipped file with the ports, certificate and upstream of a test. */
function shippedSite(folder: string, ports: Ports, upstream: number): string {
  const site = readFileSync(join(SHIPPED, 'denuncia-abierta.conf'), 'utf8');
  return [
    [/^ +listen \[::\].*\n/gm, ''],
    ['listen 80 ', `listen 127.0.0.1:${ports.plain} `],
    ['listen 443 ', `listen 127.0.0.1:${ports.tls} `],
    ['/etc/ssl/certs/denuncia-abierta.pem', `${folder}/cert.pem`],
    ['/etc/ssl/private/denuncia-abierta.key', `${folder}/key.pem`],
    ['server 127.0.0.1:3000;', `server 127.0.0.1:${upstream};`],
  ].reduce((text, [from, to]) => text.replace(from!, to as string), site);
}

function officeConfig(folder: string, ports: Ports): string {
  return `
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr info;
events { worker_connections 512; }
http {
  access_log ${folder}/logs/access.log;
  error_log ${folder}/logs/error.log info;
  ${TEMPORARY.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  gzip on; gzip_types *; gzip_proxied any; gzip_min_length 0;
  ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
  proxy_cache_path ${folder}/cache keys_zone=office:1m;
  proxy_cache office; proxy_cache_valid any 1h;
  include ${folder}/site.conf;
  server {
    listen 127.0.0.1:${ports.subPath} ssl;
    server_name www.example.gob.mx;
    ssl_certificate ${folder}/cert.pem;
    ssl_certificate_key ${folder}/key.pem;
    include snippets/denuncia-abierta-server.conf;
    include snippets/denuncia-abierta-sub-path.conf;
    client_max_body_size 8m;
    location / { return 200 "the site of the office"; }
  }
  server {
    listen 127.0.0.1:${ports.office};
    location / { return 200 "logged"; }
    location /broken { proxy_pass http://127.0.0.1:1; }
  }
}
`;
}
