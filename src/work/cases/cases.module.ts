import { Module } from '@nestjs/common';
import { CatalogsModule } from '../../foundations/catalogs/catalogs.module.js';
import { SlaModule } from '../../foundations/sla/sla.module.js';
import { AccessCodes } from './access-codes/access-codes.js';
import { HardenAccessCodes } from './access-codes/harden-access-codes.js';
import { CaseList } from './case-list.js';
import { CaseMovesController } from './case-moves.controller.js';
import { CaseMoves } from './case-moves.service.js';
import { CaseOpening } from './case-opening.js';
import { CaseReads } from './case-reads.js';
import { CaseStore } from './case-store.js';
import { CaseSweeps } from './case-sweeps.js';
import { CaseTrail } from './case-trail.js';
import { CaseVault } from './case-vault.js';
import { CasesController } from './cases.controller.js';
import { CasesReader } from './cases.reader.js';
import { Correspondence } from './correspondence.service.js';
import { PublicCodesController } from './public-codes.controller.js';
import { TrailCheck } from './trail-check.js';

@Module({
  imports: [CatalogsModule, SlaModule],
  controllers: [CasesController, CaseMovesController, PublicCodesController],
  providers: [
    CaseVault,
    CaseStore,
    CaseOpening,
    CaseMoves,
    Correspondence,
    CaseReads,
    CasesReader,
    CaseTrail,
    TrailCheck,
    CaseList,
    CaseSweeps,
    AccessCodes,
    HardenAccessCodes,
  ],
  exports: [
    AccessCodes,
    CaseStore,
    CaseOpening,
    CaseMoves,
    Correspondence,
    CasesReader,
    CaseReads,
    CaseVault,
    TrailCheck,
  ],
})
export class CasesModule {}
