import { Module } from '@nestjs/common';
import { CatalogsModule } from '../../foundations/catalogs/catalogs.module.js';
import { IdentityModule } from '../../foundations/identity/identity.module.js';
import { IntakeModule } from '../../work/intake/intake.module.js';
import { ReportsController } from './reports.controller.js';

/** Reports from the web, from channel systems and by phone. */
@Module({
  imports: [CatalogsModule, IdentityModule, IntakeModule],
  controllers: [ReportsController],
})
export class ReportsModule {}
