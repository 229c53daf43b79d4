import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, type Job } from './job.js';
import { runTool } from './run-tool.js';
import { Scratch } from './scratch.js';

/**
 * A photograph of an iPhone as a JPEG, still with what heif-convert copies of the old file.
 *
 * @throws Failure
 */
export async function jpegOfHeic(job: Job, input: Scratch): Promise<Buffer> {
  const [from, to] = [join(job.scratch, 'in.heic'), join(job.scratch, 'out.jpg')];
  writeFileSync(from, input.read());
  const { ok, remarks } = await runTool(job, {
    tool: 'heif-convert',
    args: ['-q', '95', from, to],
    prints: 65_536,
  });
  try {
    if (!ok) throw new Failure(/limit|too (big|large)/i.test(remarks) ? 'too-large' : 'damaged', remarks);
    return readFileSync(to);
  } catch (error) {
    // A file of several images becomes out-1.jpg and so on; nobody knows which one is meant.
    throw error instanceof Failure ? error : new Failure('damaged', String(error));
  }
}

/** What LibreOffice wants in UTF-16 to tell that a document of Office has a password. */
const ENCRYPTED = Buffer.from('EncryptedPackage\0', 'utf16le');

/**
 * The document as LibreOffice prints it. The PDF still has titles and links, and goes the way of a PDF.
 *
 * @throws Failure
 */
export async function printDocument(job: Job, input: Scratch): Promise<Scratch> {
  const bytes = input.read();
  if (bytes.includes(ENCRYPTED)) throw new Failure('encrypted');
  const at = (name: string): string => join(job.scratch, name);
  writeFileSync(at(`in.${job.extension}`), bytes);
  mkdirSync(at('home'));
  const { remarks } = await runTool(job, {
    tool: 'soffice',
    args: [
      `-env:UserInstallation=file://${at('home')}`,
      ...['--headless', '--norestore', '--nolockcheck', '--nodefault', '--nologo'],
      ...['--convert-to', 'pdf', '--outdir', at('printed'), at(`in.${job.extension}`)],
    ],
    prints: 65_536,
    environment: { HOME: at('home'), LANG: 'C.UTF-8', TMPDIR: job.scratch },
  });
  const printed = Scratch.make(job.scratch);
  try {
    // It exits with 0 also when it could not load the file.
    printed.write(readFileSync(at('printed/in.pdf')));
  } catch {
    throw new Failure(/password/i.test(remarks) ? 'encrypted' : 'damaged', remarks);
  }
  for (const name of [`in.${job.extension}`, 'home', 'printed'])
    rmSync(at(name), { recursive: true, force: true });
  return printed;
}
