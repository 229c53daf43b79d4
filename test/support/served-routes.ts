import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';

/**
 * What the HTTP server really answers, as sorted `METHOD /path/{parameter}`: read from its router and not
 * from our decorators. Without the HEAD that comes with every GET, and without the preflight of CORS.
 */
export function servedRoutes(app: NestFastifyApplication): string[] {
  const instance = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  const routes: string[] = [];
  const segments: string[] = [];
  for (const line of instance.printRoutes({ commonPrefix: false }).split('\n')) {
    // A tree: `│   └── /:folio (GET, HEAD)`, four columns for each level.
    const match = /^((?:[│ ] {3})*)[├└]── (\S*)(?: \(([A-Z, ]+)\))?$/.exec(line);
    if (!match) continue;
    const [, indent, segment, methods] = match;
    segments.length = indent!.length / 4;
    segments.push(segment!);
    const path = segments.join('').replace(/:(\w+)/g, '{$1}');
    const all = methods?.split(', ') ?? [];
    for (const method of all) {
      if (method === 'OPTIONS' || (method === 'HEAD' && all.includes('GET'))) continue;
      routes.push(`${method} ${path}`);
    }
  }
  return routes.sort();
}
