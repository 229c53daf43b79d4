import { run } from '../../platform/run.js';
import { Variables, withoutBlanks } from '../../platform/variables.js';
import { scannerState } from '../../work/evidence/antivirus/clamd-scanner.js';
import { readClamdAddress } from '../../work/evidence/evidence.config.js';
import { confinement } from '../../work/evidence/conversion/sandbox.js';
import { findTools } from '../../work/evidence/conversion/tools.js';
import { readArguments } from './arguments.js';
import { adviceOf, isComplete, textOf, type Findings } from './doctor-report.js';
import { lookAtStore } from './doctor-store.js';
import { swapInUse } from './swap.js';

const COMMAND = {
  usage: 'npm run doctor [-- --json]',
  does: 'Shows what this machine has for files that people send: programs, cage, antivirus, store, swap. Changes nothing.',
  example: 'npm run --silent doctor -- --json',
};
const OPTIONS = {
  json: { type: 'boolean', default: false, text: 'one JSON document, for programs' },
} as const;

/** Ends with 1 when images, PDF, audio or video would wait, or no file could be stored. */
await run(async () => {
  const { json } = readArguments(COMMAND, OPTIONS);
  const variables = new Variables(withoutBlanks(process.env));
  const clamd = readClamdAddress(variables);
  variables.assertGood();
  const [tools, cage, antivirus, store, swap] = await Promise.all([
    findTools(),
    confinement().catch(() => 'none' as const),
    scannerState(clamd),
    lookAtStore(withoutBlanks(process.env)),
    swapInUse(),
  ]);
  const findings: Findings = { tools, confinement: cage, antivirus, store, swap };
  const complete = isComplete(findings);
  if (json) console.log(JSON.stringify({ complete, ...findings, advice: adviceOf(findings) }, null, 2));
  else console.log(textOf(findings));
  if (!complete) process.exitCode = 1;
});
