import { Module } from '@nestjs/common';
import { CasesModule } from '../cases/cases.module.js';
import { CatalogsModule } from '../catalogs/catalogs.module.js';
import { HardenAccessCodes } from './harden.js';
import { TrackingController } from './tracking.controller.js';
import { TrackingService } from './tracking.service.js';

@Module({
  imports: [CasesModule, CatalogsModule],
  controllers: [TrackingController],
  providers: [TrackingService, HardenAccessCodes],
})
export class TrackingModule {}
