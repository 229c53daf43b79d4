import { Module } from '@nestjs/common';
import { CatalogsModule } from '../catalogs/catalogs.module.js';
import { SlaService } from './sla.service.js';
import { SlaSweep } from './sla.sweep.js';

/** Terms of each institution and the clocks of subjects; it does not know what a subject is. */
@Module({
  imports: [CatalogsModule],
  providers: [SlaService, SlaSweep],
  exports: [SlaService],
})
export class SlaModule {}
