import { createApi, endOnSignal, lay, listen, run, serveMetrics, startSweeps } from './boot.js';
import { demoAccess, seedDemo } from './demo/seed.js';
import { welcome } from './demo/welcome.js';

/** The HTTP API; without `--api` the worker's sweeps too, in the same process. */
await run(async () => {
  const say = (line: string): void => console.log(line);
  const apiOnly = process.argv.includes('--api');
  const foundation = await lay(process.env, apiOnly ? 'api' : 'all', say);
  const { config, parts, prepared } = foundation;
  try {
    const app = await createApi(parts, { ui: true });
    await app.init();
    const access = config.production || !prepared.ownerUrl ? null : demoAccess(config.dataDir, config.demo);
    if (access) await seedDemo(app, prepared.ownerUrl!, parts.clock, access);
    const url = await listen(app, config);
    if (!apiOnly) await startSweeps(app, foundation, process.env);
    const metrics = config.metricsPort === undefined ? undefined : await serveMetrics(app, config.metricsPort);
    endOnSignal([() => app.close(), async () => metrics?.close(), () => foundation.close()]);
    say(access ? welcome(url, access) : `Denuncia Abierta listens on ${url}`);
  } catch (error) {
    await foundation.close();
    throw error;
  }
});
