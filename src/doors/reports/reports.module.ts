import { Module } from '@nestjs/common';
import { CatalogsModule } from '../../foundations/catalogs/catalogs.module.js';
import { IntakeModule } from '../../work/intake/intake.module.js';
import { ReportsController } from './reports.controller.js';

/** Reports from the web, from channel systems and by phone. */
@Module({
  imports: [CatalogsModule, IntakeModule],
  controllers: [ReportsController],
})
export class ReportsModule {}
