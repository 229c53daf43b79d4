import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { AccessGuard } from './access.guard.js';
import { AddLabels } from './labels.js';
import { ProblemFilter } from './problem.filter.js';
import { validation } from './validation.js';

/**
 * What stands around every route: who may call it, what it takes, the labels of its answer, and the form of a
 * refusal.
 */
@Module({
  providers: [
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_PIPE, useValue: validation },
    { provide: APP_INTERCEPTOR, useClass: AddLabels },
    { provide: APP_FILTER, useClass: ProblemFilter },
  ],
})
export class HttpModule {}
