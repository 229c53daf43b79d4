import { Module } from '@nestjs/common';
import { CasesModule } from '../cases/cases.module.js';
import { CatalogsModule } from '../catalogs/catalogs.module.js';
import { ExchangeAccessCode } from './exchange.js';
import { HardenAccessCodes } from './harden.js';
import { TrackingController } from './tracking.controller.js';
import { TrackingService } from './tracking.service.js';
import { TrackingTokens } from './tracking-tokens.js';

@Module({
  imports: [CasesModule, CatalogsModule],
  controllers: [TrackingController],
  providers: [TrackingTokens, TrackingService, ExchangeAccessCode, HardenAccessCodes],
})
export class TrackingModule {}
