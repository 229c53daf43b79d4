import { describe, expect, it } from '@jest/globals';
import { AnswerReader, ChildEnded, NeverReady, NoAnswer } from './answer.js';
import { READY } from './cage/job.js';

const CONVERTED = {
  outcome: 'converted',
  type: 'image/jpeg',
  extension: 'jpg',
  tool: 'sharp',
  length: 9,
  thumbnail: 0,
};

async function* output(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

describe('the answer of a child that a file took over', () => {
  it.each([
    ['nothing', ''],
    ['null', 'null'],
    ['a number', '1'],
    ['a text', '"converted"'],
    ['a list', '["converted"]'],
    ['no JSON', '{"outcome":'],
    ['another outcome', '{"outcome":"ready"}'],
    ['a reason of its own', '{"outcome":"cannot","reason":"https://example.org"}'],
    ['a reason in a list', '{"outcome":"cannot","reason":["time"]}'],
    ['a tool in a list', '{"outcome":"tool-missing","tool":["ffmpeg"]}'],
    ['a tool with a path', '{"outcome":"tool-missing","tool":"/tmp/x"}'],
    ['a converter in a list', JSON.stringify({ ...CONVERTED, tool: ['sharp'] })],
    ['a type in a list', JSON.stringify({ ...CONVERTED, type: ['image/jpeg'] })],
    ['a length in a text', JSON.stringify({ ...CONVERTED, length: '9' })],
    ['a name of the prototype as type', JSON.stringify({ ...CONVERTED, type: 'constructor' })],
    ['a line without end', 'x'.repeat(10_000)],
    ['a picture that is none', `${JSON.stringify(CONVERTED)}\nno image`],
  ])('is none when it says %s', async (_, line) => {
    await expect(new AnswerReader(output(`${READY}${line}\n`)).begin()).rejects.toBeInstanceOf(NoAnswer);
  });

  it('is none before it said that it is ready', async () => {
    const line = JSON.stringify({ outcome: 'cannot', reason: 'damaged' });
    await expect(new AnswerReader(output(`${line}\n`)).begin()).rejects.toBeInstanceOf(NoAnswer);
  });
});

describe('the end of a child', () => {
  it.each([
    ['', true],
    [READY.slice(0, 3), true],
    [READY, false],
    [`${READY}{"outcome"`, false],
  ])('after %j: before it read the file, %s', async (said, before) => {
    const error: unknown = await new AnswerReader(output(said)).begin().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ChildEnded);
    expect(error instanceof NeverReady).toBe(before);
  });
});
