import { DomainError } from '../../platform/errors.js';

/**
 * Maximum of rows in one answer of figures. This is about 2 MB of public figures, and more than any table
 * that a person reads. Anybody who wants all cells of several years must ask for one year at a time.
 */
export const MAX_ROWS = 10_000;

export const statisticsErrors = {
  releaseExists: (period: string) =>
    new DomainError('RELEASE_EXISTS', 409, {
      es: `El periodo ${period} ya se publicó. Una publicación no se repite ni se corrige: dos con datos distintos mostrarían el dato exacto que cambió.`,
      en: `The period ${period} is already published. A release is never repeated or corrected: two with different data would show the exact figure that changed.`,
    }),
  periodOpen: (period: string) =>
    new DomainError('PERIOD_OPEN', 409, {
      es: `El periodo ${period} aún no termina. Publícalo a partir del día siguiente al último.`,
      en: `The period ${period} is not over yet. Publish it from the day after its last one.`,
    }),
  periodNotCovered: (period: string) =>
    new DomainError('PERIOD_NOT_COVERED', 422, {
      es: `La institución no publica el periodo ${period}: es anterior a su primera versión o no es de su tipo (mes o trimestre).`,
      en: `The institution does not publish the period ${period}: it lies before its first version or is not of its kind (month or quarter).`,
    }),
  releasesHeld: () =>
    new DomainError('RELEASES_HELD', 409, {
      es: 'Las publicaciones de esta institución están detenidas: su base de datos se restauró, se actualizó o cambió de lugar, y podría no conocer lo último que se publicó. Pide a quien opera el servicio que ejecute «npm run releases:check».',
      en: 'The releases of this institution are held: its database was restored, updated or moved, and may not know what was published last. Ask whoever operates the service to run "npm run releases:check".',
    }),
  clockHeld: () =>
    new DomainError('CLOCK_HELD', 409, {
      es: 'El reloj del servicio no coincide con lo que ya está registrado, y una publicación hecha con un reloj equivocado no se puede corregir. Pide a quien opera el servicio que lo revise y ejecute «npm run clock:check».',
      en: 'The clock of the service does not agree with what is on record, and a release made by a wrong clock cannot be corrected. Ask whoever operates the service to check it and to run "npm run clock:check".',
    }),
  tooManyRows: (limit: number) =>
    new DomainError('TOO_MANY_ROWS', 422, {
      es: `La consulta daría más de ${limit} filas. Acorta las fechas o agrupa por menos campos.`,
      en: `The query would give more than ${limit} rows. Shorten the dates or group by fewer fields.`,
    }),
};
