import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { fetched } from './support/calls.js';
import type { Part } from './support/whatsapp/envelope.js';
import { MessageSchema } from './support/whatsapp/message-schema.js';
import type { Receiver } from './support/whatsapp/receiver.js';
import { say } from './support/whatsapp/say.js';
import { ANA, codeOf, fileIn, lengthOf, Stage, type Answer } from './support/whatsapp/stage.js';
import type { WhatsAppStandin } from './support/whatsapp/standin.js';

const schema = MessageSchema.get();
const stage = new Stage();
let graph: WhatsAppStandin;
let receiver: Receiver;
beforeEach(async () => {
  await stage.open();
  ({ graph, receiver } = stage);
});
afterEach(() => stage.close());

describe('files', () => {
  const describeFile = (id: unknown): Promise<Answer> => stage.call('GET', String(id));
  const bytesAt = async (url: unknown, token = graph.accessToken): Promise<[number, Buffer]> => {
    const response = await fetched(String(url), { headers: { authorization: `Bearer ${token}` } });
    return [response.status, Buffer.from(await response.arrayBuffer())];
  };

  it.each<[string, Part, string]>([
    ['photo', say.image('La ventanilla'), 'image/jpeg'],
    ['film', say.video(), 'video/mp4'],
    ['voice', say.voice(), 'audio/ogg; codecs=opus'],
    ['document', say.document('recibo.pdf'), 'application/pdf'],
    ['sticker', say.sticker(), 'image/webp'],
  ])('of people: a %s has real bytes with the right digest and size', async (_what, part, type) => {
    await graph.say(receiver.url, ANA, part);
    const told = fileIn(receiver.messages[0]);
    expect(told.mime_type).toBe(type);
    const { status, body } = await describeFile(told.id);
    expect([status, body.mime_type, body.messaging_product]).toEqual([200, type, 'whatsapp']);
    const [code, bytes] = await bytesAt(body.url);
    const sha256 = createHash('sha256').update(bytes).digest();
    expect([code, bytes.length]).toEqual([200, body.file_size]);
    expect([body.sha256, told.sha256]).toEqual([sha256.toString('hex'), sha256.toString('base64')]);
    expect(bytes.length).toBeGreaterThan(50);
  });

  it('of an album all differ, and a reader of pictures takes them', async () => {
    await graph.say(receiver.url, ANA, ...say.album(3));
    expect(new Set(receiver.messages.map((one) => fileIn(one).sha256)).size).toBe(3);
    const { body } = await describeFile(fileIn(receiver.messages[2]).id);
    const [, bytes] = await bytesAt(body.url);
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'jpeg', width: 320 });
  });

  it('have an address for five minutes and an id for seven days', async () => {
    await graph.say(receiver.url, ANA, say.image());
    const { id } = fileIn(receiver.messages[0]);
    const { body } = await describeFile(id);
    graph.clock.advance('4m');
    expect((await bytesAt(body.url))[0]).toBe(200);
    graph.clock.advance('2m');
    expect((await bytesAt(body.url))[0]).toBe(404);
    expect((await bytesAt((await describeFile(id)).body.url))[0]).toBe(200);
    graph.clock.advance('7d');
    const gone = await describeFile(id);
    expect([gone.status, gone.body.error]).toEqual([400, expect.objectContaining({ error_subcode: 33 })]);
  });

  it('of a number with which Meta keeps nothing live an hour', async () => {
    graph.number.keepsNothing = true;
    await graph.say(receiver.url, ANA, say.image());
    const { id } = fileIn(receiver.messages[0]);
    graph.clock.advance('59m');
    expect((await describeFile(id)).status).toBe(200);
    graph.clock.advance('2m');
    expect((await describeFile(id)).status).toBe(400);
  });

  it('need the token of their number, and are gone when they were deleted', async () => {
    const other = graph.accounts.add();
    await graph.say(receiver.url, ANA, say.image());
    const { id } = fileIn(receiver.messages[0]);
    const { body } = await describeFile(id);
    const bare = await fetched(String(body.url));
    expect(bare.status).toBe(401);
    expect((await stage.call('GET', String(id), { token: other.accessToken })).status).toBe(400);
    expect((await stage.call('GET', `${String(id)}?phone_number_id=1`)).status).toBe(400);
    const removed = await stage.call('DELETE', String(id));
    expect([removed.status, removed.body]).toEqual([200, { success: true }]);
    expect((await bytesAt(body.url))[0]).toBe(404);
    expect((await describeFile(id)).status).toBe(400);
  });

  it('may have their address in the webhook already', async () => {
    const early = await stage.start({ mediaUrls: true });
    await early.say(receiver.url, ANA, say.image());
    const { url, sha256 } = fileIn(receiver.messages[0]);
    const [status, bytes] = await bytesAt(url, early.accessToken);
    expect([status, createHash('sha256').update(bytes).digest('base64')]).toEqual([200, sha256]);
  });

  it('are uploaded, live thirty days, and can be sent as what they are', async () => {
    graph.heard(ANA);
    const form = new FormData();
    form.set('messaging_product', 'whatsapp');
    form.set('type', 'application/pdf');
    form.set('file', new Blob([Buffer.from('%PDF-1.4')], { type: 'application/pdf' }), 'acuse.pdf');
    const path = `${graph.number.phoneNumberId}/media`;
    const { status, body } = await stage.call('POST', path, { body: form });
    expect([status, schema.check('MediaUploadAnswer', body)]).toEqual([200, undefined]);
    expect(
      (await stage.send({ type: 'document', document: { id: body.id, filename: 'acuse.pdf' } })).status,
    ).toBe(200);
    expect(codeOf(await stage.send({ type: 'image', image: { id: body.id } }))).toBe(131053);
    graph.clock.advance('29d');
    expect((await describeFile(body.id)).status).toBe(200);
    graph.clock.advance('2d');
    expect((await describeFile(body.id)).status).toBe(400);
  });

  it('of a kind or size that is not taken are refused with 131053', async () => {
    const uploaded = async (type: string, size: number): Promise<unknown> => {
      const form = new FormData();
      form.set('messaging_product', 'whatsapp');
      form.set('file', new Blob([Buffer.alloc(size)], { type }), 'x');
      return codeOf(await stage.call('POST', `${graph.number.phoneNumberId}/media`, { body: form }));
    };
    expect(await uploaded('image/png', 5 * 2 ** 20)).toBeUndefined();
    expect(await uploaded('image/png', 5 * 2 ** 20 + 1)).toBe(131053);
    expect(await uploaded('image/tiff', 1)).toBe(131053);
  });

  it('go wrong on demand', async () => {
    await graph.say(receiver.url, ANA, say.image());
    const { id, sha256 } = fileIn(receiver.messages[0]);
    graph.mediaFaults.add(
      { at: 'describe', what: { status: 503 } },
      { at: 'describe', what: { status: 404 } },
    );
    expect((await describeFile(id)).status).toBe(503);
    expect((await describeFile(id)).status).toBe(404);
    graph.mediaFaults.add(
      { at: 'describe', what: 'wrong_hash' },
      { at: 'describe', what: 'wrong_size' },
      { at: 'describe', what: 'text_size' },
    );
    const [hash, size, asText] = [await describeFile(id), await describeFile(id), await describeFile(id)];
    expect(hash.body.sha256).not.toBe(Buffer.from(String(sha256), 'base64').toString('hex'));
    expect(asText.body.file_size).toBe(String(Number(size.body.file_size) - 1));
    const { url } = asText.body;
    graph.mediaFaults.add(
      ...(['truncated', 'wrong_bytes', 'login_page', 'redirect', { status: 404 }] as const).map((what) => ({
        at: 'download' as const,
        what,
      })),
    );
    await expect(bytesAt(url)).rejects.toThrow();
    const [, wrong] = await bytesAt(url);
    expect(createHash('sha256').update(wrong).digest('base64')).not.toBe(sha256);
    expect((await bytesAt(url))[1].toString()).toContain('<html>');
    const headers = { authorization: `Bearer ${graph.accessToken}` };
    expect((await fetched(String(url), { headers, redirect: 'manual' })).status).toBe(302);
    expect((await bytesAt(url))[0]).toBe(404);
    expect((await bytesAt(url))[0]).toBe(200);
  });

  it('of more than 100 MB come on demand, also when the description said less', async () => {
    await graph.say(receiver.url, ANA, say.image());
    const { body } = await describeFile(fileIn(receiver.messages[0]).id);
    graph.mediaFaults.add({ at: 'download', what: 'endless' });
    const headers = { authorization: `Bearer ${graph.accessToken}` };
    const { told, came } = await lengthOf(String(body.url), headers);
    expect([told, came > 100 * 2 ** 20]).toEqual([null, true]);
    await graph.say(receiver.url, ANA, say.tooLarge());
    expect(receiver.messages[1]).toMatchObject({ type: 'unsupported', errors: [{ code: 131052 }] });
  });
});
