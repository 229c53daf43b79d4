import { Module } from '@nestjs/common';
import { CatalogsModule } from '../../foundations/catalogs/catalogs.module.js';
import { CasesModule } from '../cases/cases.module.js';
import { RoutingService } from './routing.service.js';
import { RoutingRulesController, TriageController } from './triage.controller.js';

@Module({
  imports: [CatalogsModule, CasesModule],
  controllers: [TriageController, RoutingRulesController],
  providers: [RoutingService],
  exports: [RoutingService],
})
export class TriageModule {}
