import { Module } from '@nestjs/common';
import { CasesModule } from '../cases/cases.module.js';
import { CatalogsModule } from '../catalogs/catalogs.module.js';
import { RoutingService } from './routing.service.js';
import { RoutingRulesController, TriageController } from './triage.controller.js';

@Module({
  imports: [CatalogsModule, CasesModule],
  controllers: [TriageController, RoutingRulesController],
  providers: [RoutingService],
  exports: [RoutingService],
})
export class TriageModule {}
