import { createHash } from 'node:crypto';
import type { Channel } from '../../foundations/catalogs/channels.js';
import type { InstitutionKind } from '../../foundations/catalogs/default-catalog.js';
import type { Report } from '../../work/intake/admission.js';
import { DEMO_NOTICE } from './institutions.js';

/** Mark at the beginning of every generated text, in the list and in the case. */
const MARK = '[Ejemplo generado]';

const FEDERAL: [category: string | undefined, text: string][] = [
  [
    'IMPERSONATION',
    'Una persona que dijo ser gestora pidió dinero para inscribir a familias en el programa de vivienda.',
  ],
  ['BRIBERY', 'En la ventanilla pidieron un pago para recibir los documentos del apoyo.'],
  ['WORKS_QUALITY', 'La obra entregada tiene grietas y el muro del baño se humedece desde el primer mes.'],
  ['SUBSIDY_DIVERSION', 'El material del apoyo se entregó a quien no estaba en el padrón.'],
  ['BAD_SERVICE', 'Nos citaron tres veces y nadie atendió en la oficina.'],
  ['FAVORITISM', 'Dieron el apoyo a familiares de quien levanta la lista.'],
  [undefined, 'No sé a quién acudir: el trámite lleva meses detenido sin explicación.'],
];
const MUNICIPAL: [category: string | undefined, text: string][] = [
  ['POLICE_CONDUCT', 'En un retén pidieron dinero para dejar pasar.'],
  ['PERMITS', 'Para dar la licencia pidieron un pago sin recibo.'],
  ['PUBLIC_SERVICES', 'El camión de la basura cobra por pasar a la calle.'],
  ['BRIBERY', 'Un inspector pidió una mordida para no clausurar.'],
  [undefined, 'En la oficina trataron mal a una persona mayor.'],
];
const MUNICIPALITIES = {
  federal: ['15002', '09007', '20067', '21114', '30193', undefined],
  municipal: ['15002', '15002', '15002', '15033', undefined],
};

/** Numbers from 0 to 1, the same sequence for the same seed; for generated examples only. */
export function numbers(seed: string): () => number {
  let block = createHash('sha256').update(seed).digest();
  let at = 0;
  return () => {
    if (at + 4 > block.length) {
      block = createHash('sha256').update(block).digest();
      at = 0;
    }
    const value = block.readUInt32BE(at) / 2 ** 32;
    at += 4;
    return value;
  };
}

export function sampleReport(
  kind: InstitutionKind,
  next: () => number,
): { report: Report; channel: Channel } {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
  const [category, text] = pick(kind === 'federal' ? FEDERAL : MUNICIPAL);
  const municipality = pick(MUNICIPALITIES[kind === 'federal' ? 'federal' : 'municipal']);
  const channel = pick(['web', 'web', 'whatsapp', 'phone'] as const);
  const anonymous = next() < 0.7;
  return {
    channel,
    report: {
      mode: anonymous ? 'anonymous' : 'confidential',
      narrative: `${MARK} ${text}`,
      category,
      municipality,
      ...(anonymous
        ? {}
        : { reporter: { name: `${MARK} persona` }, privacyNotice: { version: DEMO_NOTICE.version } }),
    },
  };
}
