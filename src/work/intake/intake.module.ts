import { Module } from '@nestjs/common';
import { CatalogsModule } from '../../foundations/catalogs/catalogs.module.js';
import { SlaModule } from '../../foundations/sla/sla.module.js';
import { CasesModule } from '../cases/cases.module.js';
import { TriageModule } from '../triage/triage.module.js';
import { Collector } from './collector.js';
import { AnswerVault } from './idempotency.js';
import { IntakeService } from './intake.service.js';
import { OncePerKey } from './once-per-key.js';

@Module({
  imports: [CatalogsModule, SlaModule, CasesModule, TriageModule],
  providers: [IntakeService, Collector, AnswerVault, OncePerKey],
  exports: [IntakeService, Collector, OncePerKey],
})
export class IntakeModule {}
