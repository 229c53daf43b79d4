import { describe, expect, it } from '@jest/globals';
import type { CallHandler, ExecutionContext } from '@nestjs/common';
import { ApiOkResponse, ApiProperty } from '@nestjs/swagger';
import { firstValueFrom, of } from 'rxjs';
import type { Text } from '../errors.js';
import { AddLabels, ApiCode, ApiText } from './labels.js';

const COLOURS = { red: { es: 'Rojo', en: 'Red' }, blue: { es: 'Azul', en: 'Blue' } };

class Leaf {
  @ApiCode(COLOURS) colour!: string;
}
class Node extends Leaf {
  @ApiCode(COLOURS, { nullable: true }) background!: string | null;
  @ApiCode(COLOURS, { isArray: true, as: 'shadeLabels' }) shades!: string[];
  @ApiCode((key) => (key === '15' ? 'México' : undefined), { open: true, optional: true }) state?: string;
  @ApiText() name!: Text;
  @ApiText({ isArray: true }) aliases!: Text[];
  @ApiProperty({ type: [Leaf] }) leaves!: Leaf[];
  @ApiProperty({ type: () => Node, nullable: true }) next!: Node | null;
  @ApiProperty() colourful!: string;
}
class Routes {
  @ApiOkResponse({ type: [Node] })
  nodes(): void {}

  @ApiOkResponse({ type: String })
  plain(): void {}
}

const text = (es: string, en: string): Text => ({ es, en });
const answer = (body: unknown, language?: string, route: 'nodes' | 'plain' = 'nodes'): Promise<unknown> => {
  const context = {
    getHandler: () => Routes.prototype[route],
    switchToHttp: () => ({ getRequest: () => ({ headers: { 'accept-language': language } }) }),
  } as unknown as ExecutionContext;
  return firstValueFrom(new AddLabels().intercept(context, { handle: () => of(body) } satisfies CallHandler));
};

const node = {
  colour: 'red',
  background: null,
  shades: ['blue', 'mauve'],
  name: text('Uno', 'One'),
  aliases: [text('A', 'B')],
  leaves: [{ colour: 'blue' }],
  next: null,
  colourful: 'red',
};

describe('labels in answers', () => {
  it('stand behind their codes at every depth, in the language of the reader', async () => {
    expect(await answer([node], 'en')).toEqual([
      {
        ...node,
        colourLabel: 'Red',
        backgroundLabel: null,
        shadeLabels: ['Blue', 'mauve'],
        name: 'One',
        aliases: ['B'],
        leaves: [{ colour: 'blue', colourLabel: 'Blue' }],
      },
    ]);
    const [spanish] = (await answer([{ ...node, state: '15' }])) as Record<string, unknown>[];
    expect(spanish).toMatchObject({ colourLabel: 'Rojo', name: 'Uno', state: '15', stateLabel: 'México' });
    expect(Object.keys(spanish!).slice(0, 4)).toEqual([
      'colour',
      'colourLabel',
      'background',
      'backgroundLabel',
    ]);
  });

  it('leave alone what the service handed out, and labels that it wrote itself', async () => {
    const body = [{ ...node, colourLabel: 'Grana' }];
    const before = structuredClone(body);
    const [labelled] = (await answer(body)) as Record<string, unknown>[];
    expect(labelled!.colourLabel).toBe('Grana');
    expect(body).toEqual(before);
  });

  it('are not put where the document names no code, nor into what is no object', async () => {
    expect(await answer({ colour: 'red' }, 'en', 'plain')).toEqual({ colour: 'red' });
    for (const body of [undefined, null, 'text', 7]) expect(await answer(body)).toBe(body);
  });
});
