import type { ApiBodyOptions } from '@nestjs/swagger';

type Examples = NonNullable<Extract<ApiBodyOptions, { examples?: unknown }>['examples']>;

const LANGUAGES = [
  {
    language: 'es-MX',
    name: 'Español',
    words: ['español'],
    greeting: 'Hola. Aquí contesta la Comisión de Vivienda (demostración).',
    options: [
      {
        code: 'requisitos',
        title: 'Requisitos',
        description: 'Qué documentos necesitas',
        keywords: ['papeles', 'documentos', 'qué necesito'],
        answer: { text: 'Identificación, CURP y comprobante de domicilio. El trámite es gratuito.' },
      },
      {
        code: 'oficinas',
        title: 'Oficinas',
        options: [
          {
            code: 'oficina-centro',
            title: 'Centro',
            answer: {
              place: {
                name: 'Ventanilla centro',
                address: 'Plaza principal',
                latitude: 19.43,
                longitude: -99.13,
              },
            },
          },
        ],
      },
      { code: 'denuncia', title: 'Presentar denuncia', start: 'report' },
      { code: 'seguimiento', title: 'Seguimiento de folio', start: 'follow_up' },
    ],
  },
];

export const MENU_EXAMPLES: Examples = {
  menu: { summary: 'Un menú en español', value: { validFrom: '2026-12-01', languages: LANGUAGES } },
};

export const PREVIEW_EXAMPLES: Examples = {
  menu: {
    summary: 'Lo que verían tres mensajes',
    value: { languages: LANGUAGES, messages: ['hola', '¿qué papeles nesecito?', '👍'] },
  },
};
