import { Module } from '@nestjs/common';
import { CasesModule } from '../cases/cases.module.js';
import { CatalogsModule } from '../catalogs/catalogs.module.js';
import { SlaModule } from '../sla/sla.module.js';
import { TriageModule } from '../triage/triage.module.js';
import { Collector } from './collector.js';
import { AnswerVault } from './idempotency.js';
import { IntakeService } from './intake.service.js';
import { ReportsController } from './reports.controller.js';
import { WHATSAPP_CONTROLLERS, WHATSAPP_PROVIDERS } from './whatsapp/whatsapp.wiring.js';

@Module({
  imports: [CatalogsModule, SlaModule, CasesModule, TriageModule],
  controllers: [ReportsController, ...WHATSAPP_CONTROLLERS],
  providers: [IntakeService, Collector, AnswerVault, ...WHATSAPP_PROVIDERS],
  exports: [IntakeService],
})
export class IntakeModule {}
