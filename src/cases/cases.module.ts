import { Module } from '@nestjs/common';
import { CatalogsModule } from '../catalogs/catalogs.module.js';
import { SlaModule } from '../sla/sla.module.js';
import { CaseList } from './case-list.js';
import { CaseMovesController } from './case-moves.controller.js';
import { CaseMoves } from './case-moves.service.js';
import { CaseOpening } from './case-opening.js';
import { CaseStore } from './case-store.js';
import { CaseSweeps } from './case-sweeps.js';
import { CaseVault } from './case-vault.js';
import { CasesController } from './cases.controller.js';
import { CasesReader } from './cases.reader.js';
import { Correspondence } from './correspondence.service.js';
import { OwnCases } from './own-case.js';

@Module({
  imports: [CatalogsModule, SlaModule],
  controllers: [CasesController, CaseMovesController],
  providers: [
    CaseVault,
    CaseStore,
    CaseOpening,
    CaseMoves,
    Correspondence,
    CasesReader,
    CaseList,
    CaseSweeps,
    OwnCases,
  ],
  exports: [CaseStore, CaseOpening, CaseMoves, Correspondence, CasesReader, OwnCases],
})
export class CasesModule {}
