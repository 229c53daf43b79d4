import {
  assertListenable,
  createApi,
  Ending,
  openFoundation,
  listen,
  serveMetrics,
  startSweeps,
} from './app/boot.js';
import { readArguments } from './app/commands/arguments.js';
import { exampleValues } from './app/demo/example-values.js';
import { seedExamples } from './app/demo/examples.js';
import { generatePast, hasPast, startOfPast } from './app/demo/months.js';
import { demoAccess, seedDemo } from './app/demo/seed.js';
import { welcome } from './app/demo/welcome.js';
import { drainOf } from './platform/http/drain.js';
import { run } from './platform/run.js';

const COMMAND = {
  usage: 'npm start [-- --api]',
  does: 'Runs the HTTP API and the background work; without DATABASE_URL on a database of its own, with demo data.',
  example: 'PORT=8080 DATA_DIR=/srv/denuncia npm start',
};
const OPTIONS = {
  api: {
    type: 'boolean',
    default: false,
    text: 'the API alone, as "npm run start:api"; then "npm run start:worker" does the rest',
  },
} as const;

/** The HTTP API; without `--api` the worker's sweeps too, in the same process. */
await run(async () => {
  const say = (line: string): void => console.log(line);
  const { api: apiOnly } = readArguments(COMMAND, OPTIONS);
  const ending = new Ending();
  const foundation = await openFoundation(process.env, apiOnly ? 'api' : 'all', say);
  const { config, parts, prepared } = foundation;
  try {
    await ending.add(() => foundation.close());
    await assertListenable(config);
    const app = await createApi(parts, config.production ? {} : { examples: exampleValues });
    await ending.add(() => app.close());
    await ending.add(drainOf(app));
    await app.init();
    const access = config.production || !prepared.ownerUrl ? null : demoAccess(config.dataDir, config.demo);
    if (access) {
      await seedDemo(app, prepared.ownerUrl!, startOfPast(parts.clock.now()), access);
      if (!(await hasPast(app))) {
        say('Generating three months of demo reports');
        await generatePast(parts);
      }
      await seedExamples(app);
    }
    const url = await listen(app, config);
    if (!apiOnly) await startSweeps(app, foundation);
    if (config.metricsPort !== undefined) {
      const metrics = await serveMetrics(app, config.metricsPort, 'METRICS_PORT');
      await ending.add(async () => metrics.close());
    }
    foundation.watch(ending);
    await ending.started();
    say(access ? welcome(url, access) : `Denuncia Abierta listens on ${url}`);
  } catch (error) {
    await ending.undo();
    throw error;
  }
});
