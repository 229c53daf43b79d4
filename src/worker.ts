import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { endOnSignal, lay, run, startSweeps } from './boot.js';

/** The background work alone; any number may run beside any number of API processes. */
await run(async () => {
  const foundation = await lay(process.env, 'worker', (line) => console.log(line));
  try {
    const app = await NestFactory.createApplicationContext(AppModule.of(foundation.parts), {
      logger: foundation.parts.log,
    });
    await startSweeps(app, foundation, process.env);
    endOnSignal([() => app.close(), () => foundation.close()]);
    console.log('Denuncia Abierta worker runs');
  } catch (error) {
    await foundation.close();
    throw error;
  }
});
