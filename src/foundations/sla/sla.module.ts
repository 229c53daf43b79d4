import { Module } from '@nestjs/common';
import { CatalogsModule } from '../catalogs/catalogs.module.js';
import { SlaTermsController } from './sla-terms.controller.js';
import { SlaTermsService } from './sla-terms.service.js';
import { SlaService } from './sla.service.js';
import { SlaSweep } from './sla.sweep.js';

/** The terms of each institution and the clocks of subjects. This module does not know what a subject is. */
@Module({
  imports: [CatalogsModule],
  controllers: [SlaTermsController],
  providers: [SlaService, SlaSweep, SlaTermsService],
  exports: [SlaService],
})
export class SlaModule {}
