import { NestFactory } from '@nestjs/core';
import { AppModule } from './app/app.module.js';
import { Ending, openFoundation, serveMetrics, startSweeps } from './app/boot.js';
import { readArguments } from './app/commands/arguments.js';
import { run } from './platform/run.js';

const COMMAND = {
  usage: 'npm run start:worker',
  does: 'Runs the background work: clocks, WhatsApp, releases, verification. Any number may run beside the API.',
  example: 'DATA_DIR=/srv/denuncia npm run start:worker',
};

/** The background work alone; any number may run beside any number of API processes. */
await run(async () => {
  readArguments(COMMAND, {});
  const ending = new Ending();
  const foundation = await openFoundation(process.env, 'worker', (line) => console.log(line));
  try {
    await ending.add(() => foundation.close());
    const app = await NestFactory.createApplicationContext(AppModule.of(foundation.parts), {
      logger: foundation.parts.log,
      abortOnError: false,
    });
    await ending.add(() => app.close());
    await startSweeps(app, foundation);
    const { workerMetricsPort: port } = foundation.config;
    if (port !== undefined) {
      const metrics = await serveMetrics(app, port, 'WORKER_METRICS_PORT');
      await ending.add(async () => metrics.close());
    }
    foundation.watch(ending);
    await ending.started();
    console.log('Denuncia Abierta worker runs');
  } catch (error) {
    await ending.undo();
    throw error;
  }
});
