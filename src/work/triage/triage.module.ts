import { Module } from '@nestjs/common';
import { CatalogsModule } from '../../foundations/catalogs/catalogs.module.js';
import { CasesModule } from '../cases/cases.module.js';
import { RoutingRulesController } from './routing-rules.controller.js';
import { RoutingService } from './routing.service.js';

@Module({
  imports: [CatalogsModule, CasesModule],
  controllers: [RoutingRulesController],
  providers: [RoutingService],
  exports: [RoutingService],
})
export class TriageModule {}
