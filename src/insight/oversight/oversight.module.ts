import { Module } from '@nestjs/common';
import { CatalogsModule } from '../../foundations/catalogs/catalogs.module.js';
import { CasesModule } from '../../work/cases/cases.module.js';
import { AuditController } from './audit.controller.js';
import { InstitutionTrail } from './institution-trail.js';
import { VerifyTrail } from './verify-trail.js';

/**
 * Functions for auditors beyond single cases: the trail of the institution, and the daily verification of all
 * trails.
 */
@Module({
  imports: [CasesModule, CatalogsModule],
  controllers: [AuditController],
  providers: [InstitutionTrail, VerifyTrail],
})
export class OversightModule {}
