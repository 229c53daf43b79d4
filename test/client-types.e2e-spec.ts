import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import ts from 'typescript';

/** TypeScript that a stranger generates from the committed document, and what compiles against it. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'client-'));
  const generator = resolve('node_modules/openapi-typescript/bin/cli.js');
  execFileSync(process.execPath, [generator, resolve('openapi/openapi.json'), '-o', join(folder, 'api.ts')], {
    stdio: 'pipe',
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

function faultsOf(source: string): string[] {
  const file = join(folder, 'client.ts');
  writeFileSync(
    file,
    `import type { components, operations, paths } from './api.js';\n${source}\nexport {};\n`,
  );
  const program = ts.createProgram([file], {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

describe('types generated from the document', () => {
  it('take the smallest report, and the smallest of every other body with optional fields', () => {
    const faults = faultsOf(`
      type Body<Operation extends keyof operations> =
        operations[Operation] extends { requestBody: { content: { 'application/json': infer Json } } } ? Json : never;
      const report: Body<'createReport'> = { mode: 'anonymous', narrative: 'Me pidieron dinero en la ventanilla.' };
      const named: components['schemas']['ReportRequest'] = {
        ...report, institution: 'CONAVI-DEMO', mode: 'identified', reporter: { email: 'persona@ejemplo.mx' }, occurred: { from: '2026-11-01' },
      };
      const account: Body<'createAccount'> = { email: 'a@b.mx', name: 'A', roles: ['operator'] };
      const renamed: Body<'changeAccount'> = { name: 'B' };
      const category: Body<'createCategory'> = { code: 'A', label: 'A', labelEn: 'A', description: 'A' };
      const term: Body<'createTerm'> = { metric: 'triage', businessDays: 3 };
      const triage: Body<'triageCase'> = { reason: 'Confirmado.' };
      const session: Body<'openSession'> = { email: 'a@b.mx', password: 'x' };
      const by: NonNullable<operations['countCases']['parameters']['query']>['by'] = ['category', 'status'];
      const none: operations['listCases']['parameters']['query'] = {};
      const receipt = (answer: operations['createReport']['responses']['201']['content']['application/json']): string =>
        \`\${answer.folio} \${answer.accessCode} \${answer.category?.label ?? ''} \${answer.deadlines[0]?.dueOn}\`;
      export const all: unknown[] = [report, named, account, renamed, category, term, triage, session, by, none, receipt];
      export type Post = paths['/api/v1/reports']['post'];
    `);
    expect(faults).toEqual([]);
  });

  it('refuse what the service refuses', () => {
    const faults = faultsOf(`
      type Report = components['schemas']['ReportRequest'];
      // A report by voice has no narrative. One with neither is refused by the service, not by the type.
      const byVoice: Report = { mode: 'anonymous', voice: true };
      const withoutMode: Report = { narrative: 'Me pidieron dinero.' };
      const ofNoMode: Report = { mode: 'secret', narrative: 'Me pidieron dinero.' };
      const misspelt: Report = { mode: 'anonymous', narrative: 'Me pidieron dinero.', categori: 'FRAUD' };
      const by: NonNullable<operations['countCases']['parameters']['query']>['by'] = ['colour'];
      export const all: unknown[] = [byVoice, withoutMode, ofNoMode, misspelt, by];
    `);
    expect(faults).toHaveLength(4);
  });
});
