import { Module } from '@nestjs/common';
import { CasesModule } from '../cases/cases.module.js';
import { CatalogsModule } from '../catalogs/catalogs.module.js';
import { AuditController } from './audit.controller.js';
import { InstitutionTrail } from './institution-trail.js';
import { VerifyTrail } from './verify-trail.js';

/** What an auditor has beyond single cases: the trail of the institution, and the daily verification of all trails. */
@Module({
  imports: [CasesModule, CatalogsModule],
  controllers: [AuditController],
  providers: [InstitutionTrail, VerifyTrail],
})
export class OversightModule {}
