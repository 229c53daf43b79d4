import { Module } from '@nestjs/common';
import { AreasController } from './admin/areas.controller.js';
import { AreasService } from './admin/areas.service.js';
import { CalendarsController } from './admin/calendars.controller.js';
import { CalendarsService } from './admin/calendars.service.js';
import { CategoriesController } from './admin/categories.controller.js';
import { CategoriesService } from './admin/categories.service.js';
import { InstitutionController } from './admin/institution.controller.js';
import { InstitutionService } from './admin/institution.service.js';
import { NoticesController } from './admin/notices.controller.js';
import { NoticesService } from './admin/notices.service.js';
import { CatalogsReader } from './catalogs.reader.js';
import { PublicCatalogsController } from './public/public-catalogs.controller.js';
import { PublicCatalogsReader } from './public/public-catalogs.reader.js';

/**
 * Institutions, areas, categories, calendars, privacy notices. All modules read them, and the admin of each
 * institution keeps them up to date.
 */
@Module({
  controllers: [
    PublicCatalogsController,
    InstitutionController,
    AreasController,
    CategoriesController,
    CalendarsController,
    NoticesController,
  ],
  providers: [
    CatalogsReader,
    PublicCatalogsReader,
    InstitutionService,
    AreasService,
    CategoriesService,
    CalendarsService,
    NoticesService,
  ],
  exports: [CatalogsReader, PublicCatalogsReader],
})
export class CatalogsModule {}
