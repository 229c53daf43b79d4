import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { call, fetched } from './support/calls.js';
import { cleanUp, newDataDir } from './support/data-dirs.js';
import { Running } from './support/process.js';
import { until } from './support/until.js';

jest.setTimeout(180_000);
afterAll(cleanUp);

type Json = Record<string, unknown>;

/** A demo as a developer starts it; all that it makes lies in a folder of this test. */
class Demo {
  /** Somebody with a telephone. */
  person = '';

  private constructor(
    readonly npm: Running,
    readonly url: string,
    readonly folder: string,
  ) {}

  static async start(): Promise<Demo> {
    const folder = dirname(newDataDir());
    // From Node 22 on, npm keeps compiled code of its own in the folder for temporary files.
    const npm = Running.npm('whatsapp:demo', { TMPDIR: folder, NODE_DISABLE_COMPILE_CACHE: '1' }, [
      '--port',
      '0',
    ]);
    const [, url] = await npm.says(/Chat as over WhatsApp: (http:\/\/127\.0\.0\.1:\d+)\//);
    const demo = new Demo(npm, url!, folder);
    demo.person = String((await demo.ask('POST', 'people', {})).id);
    return demo;
  }

  async ask(method: string, path: string, body?: Json): Promise<Json> {
    const answer = await call(method, `${this.url}/__standin/${path}`, body);
    expect([path, answer.status]).toEqual([path, 200]);
    return answer.body as Json;
  }

  say(...things: Json[]): Promise<Json> {
    return this.ask('POST', `people/${this.person}/say`, { say: things });
  }

  async entries(): Promise<{ kind: string; content: Json }[]> {
    const { entries } = await this.ask('GET', `people/${this.person}/conversation`);
    return entries as { kind: string; content: Json }[];
  }

  /** What the person was answered, as one text for each message. */
  async heard(): Promise<string[]> {
    return (await this.entries()).flatMap(({ kind, content }) =>
      kind === 'answered' ? [String(content.text)] : [],
    );
  }

  /** Says something and waits for the answer that it asks for; others may come before. */
  async talk(thing: Json, wanted: RegExp): Promise<string> {
    const before = (await this.heard()).length;
    await this.say(thing);
    const heard = await until(
      async () => (await this.heard()).slice(before).find((line) => wanted.test(line)),
      (line) => line !== undefined,
    );
    return heard!;
  }

  /** Processes that name the folder, the service and its database among them. */
  left(): string[] {
    const lines = execFileSync('ps', ['-A', '-ww', '-o', 'args='], { encoding: 'utf8' }).split('\n');
    return lines.filter((line) => line.includes(this.folder));
  }
}

const text = (body: string): Json => ({ kind: 'text', body });
const tap = (title: string): Json => ({ kind: 'tap', title });

describe('npm run whatsapp:demo', () => {
  it('talks from the first word to the folio, goes on after its clock was pushed, and ends with SIGINT', async () => {
    const demo = await Demo.start();
    await demo.talk(text('hola'), /¿Qué necesitas\?/);
    await demo.talk(tap('Presentar denuncia'), /aviso/i);
    await demo.talk(tap('Acepto'), /anónima/i);
    await demo.talk(tap('Anónima'), /¿Qué pasó\?/);
    // Whoever tells is answered when they pause.
    await demo.say(text('En la ventanilla 3 me pidieron dinero para inscribirme.'));
    await demo.say({ kind: 'album', count: 3 });
    await demo.talk(tap('Listo, continuar'), /¿Dónde pasó\?/);
    expect(await demo.talk(tap('Ir al resumen'), /¿La enviamos\?/)).toContain('Archivos: 3 (3 fotos)');
    const told = await demo.talk(tap('Enviar denuncia'), /Folio: /);
    expect(told).toMatch(/Folio: CNV-\d{4}-\w{4}-\w{4}-\w\nClave: \d{4}-\d{4}-\d{4}-\d{4}/);
    const kinds = new Set((await demo.entries()).map(({ kind }) => kind));
    for (const kind of ['said', 'answered', 'webhook', 'graph', 'status']) expect(kinds).toContain(kind);

    const { now } = await demo.ask('POST', 'clock', { advance: '25h' });
    expect(Date.parse(String(now)) - Date.now()).toBeGreaterThan(24 * 3600_000);
    await demo.talk(text('hola'), /¿Qué necesitas\?/);

    expect(await demo.npm.stop('SIGINT')).toBe(0);
    await until(
      async () => demo.left(),
      ({ length }) => length === 0,
    );
    expect(readdirSync(demo.folder)).toEqual([]);
    expect(demo.npm.stderr).toBe('');
  });

  it('shows a page that loads from here only, and ends when npm is killed', async () => {
    const demo = await Demo.start();
    const page = await fetched(`${demo.url}/`);
    const html = await page.text();
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = page.headers.get('content-security-policy')!;
    expect(policy).toMatch(/^default-src 'none'/);
    expect(policy).not.toMatch(/unsafe|data:|https?:|\*/);
    expect(html).toContain('<html lang="es-MX">');
    expect(html).toContain('Nothing is sent to Meta');
    expect(html).not.toMatch(/<style|style=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:|https?:\/\//);
    const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
    expect(assets.length).toBe(3);
    for (const asset of assets) expect((await fetched(demo.url + asset)).status).toBe(200);
    for (const path of ['/page/', '/page/index.html', '/page/..%2f..%2fpackage.json', '/page/__proto__'])
      expect([path, (await fetched(demo.url + path)).status]).toEqual([path, 404]);
    process.kill(demo.npm.pid, 'SIGKILL');
    await until(
      async () => [...demo.left(), ...readdirSync(demo.folder)],
      ({ length }) => length === 0,
    );
    await expect(fetched(demo.url)).rejects.toThrow();
  });
});
