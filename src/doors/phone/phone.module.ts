import { Module } from '@nestjs/common';
import { CatalogsModule } from '../../foundations/catalogs/catalogs.module.js';
import { CasesModule } from '../../work/cases/cases.module.js';
import { IntakeModule } from '../../work/intake/intake.module.js';
import { TrackingModule } from '../tracking/tracking.module.js';
import { Calls } from './calls/calls.js';
import { CallsController } from './calls/calls.controller.js';
import { CallsService } from './calls/calls.service.js';
import { FollowUpController } from './follow-up/follow-up.controller.js';
import { FollowUps } from './follow-up/follow-ups.js';
import { ForgetCalls } from './forget-calls.js';
import { ScriptController } from './script/script.controller.js';

/** Calls that an operator takes: new reports, and callers who follow theirs. */
@Module({
  imports: [CatalogsModule, CasesModule, IntakeModule, TrackingModule],
  controllers: [ScriptController, CallsController, FollowUpController],
  providers: [Calls, CallsService, FollowUps, ForgetCalls],
})
export class PhoneModule {}
