import type { Text } from '../../../platform/errors.js';
import type { BeginCallRequest, PhoneDraft } from '../calls/call.request.js';

/** Changes with every change of the texts below, so that a printed script can be told from a newer one. */
export const SCRIPT_VERSION = '2026-3';

/** Where an answer goes: into the beginning of the call, or into its draft. */
export type ScriptField = keyof BeginCallRequest | keyof PhoneDraft;

export interface ScriptStep {
  id: string;
  /** What the operator says. */
  say: Text;
  field?: ScriptField;
  /** For the operator alone. */
  note?: Text;
}

const step = (
  id: string,
  [es, en]: readonly [es: string, en: string],
  { field, note }: { field?: ScriptField; note?: readonly [es: string, en: string] } = {},
): ScriptStep => ({
  id,
  say: { es, en },
  ...(field ? { field } : {}),
  ...(note ? { note: { es: note[0], en: note[1] } } : {}),
});

/** Before the account, for every call. */
const OPENING: readonly ScriptStep[] = [
  step('greeting', [
    'Buenos días, es la línea de denuncias. Denunciar no cuesta: nadie le va a pedir dinero ni documentos.',
    'Good morning, this is the line for reports. Reporting is free: nobody will ask you for money or documents.',
  ]),
  step('danger', ['¿Está usted en un lugar seguro para hablar?', 'Are you in a safe place to talk?'], {
    note: [
      'Si hay peligro en este momento, pide que cuelgue y llame al 911. Después puede volver a llamar.',
      'If there is danger right now, ask the person to hang up and call 911. They can call again afterwards.',
    ],
  }),
  step(
    'interpreter',
    [
      '¿En qué idioma o lengua prefiere hablar? ¿Necesita intérprete?',
      'In which language do you prefer to talk? Do you need an interpreter?',
    ],
    { field: 'interpreterNeeded' },
  ),
  step(
    'call-number',
    [
      'Anote este número de llamada. Si la línea se corta, llame otra vez en los próximos tres días y dígalo: seguimos donde nos quedamos.',
      'Write down this call number. If the line drops, call again within the next three days and say it: we go on where we stopped.',
    ],
    {
      note: [
        'Empieza la llamada con POST /phone/calls y lee `spokenNumber`.',
        'Begin the call with POST /phone/calls and read `spokenNumber`.',
      ],
    },
  ),
  step(
    'mode',
    [
      'Puede denunciar de tres maneras. Anónima: no le pido su nombre ni su teléfono. Confidencial: los guardo, y quienes atienden la denuncia no los ven. Con sus datos: el área que la atiende puede verlos. ¿Cuál prefiere?',
      'You can report in three ways. Anonymous: I ask neither your name nor your telephone. Confidential: I keep them, and those who work the report do not see them. With your data: the area that works it can see them. Which do you prefer?',
    ],
    {
      field: 'mode',
      note: [
        'No escribas ningún dato de la persona antes de que elija. Si duda, la anónima; también podrá seguirla.',
        'Write down no data of the person before the choice. If in doubt, anonymous; it can be followed as well.',
      ],
    },
  ),
  step(
    'recording',
    [
      '¿Está de acuerdo con que se grabe la llamada? Si no, seguimos igual, sin grabar.',
      'Do you agree to this call being recorded? If not, we go on just the same, without recording.',
    ],
    {
      field: 'recordingConsent',
      note: [
        'Pregunta sólo si la línea graba, y nunca si la denuncia es anónima: una voz se reconoce.',
        'Ask only if the line records, and never if the report is anonymous: a voice can be recognised.',
      ],
    },
  ),
  step(
    'narrative',
    [
      'Cuénteme con sus palabras qué pasó. Yo escribo mientras usted habla.',
      'Tell me in your own words what happened. I write while you talk.',
    ],
    {
      field: 'narrative',
      note: [
        'No interrumpas. Escribe lo que dice, no lo que crees. Nada que delate a una persona anónima.',
        'Do not interrupt. Write what is said, not what you think. Nothing that gives an anonymous person away.',
      ],
    },
  ),
];

/** After the account, for every call. */
const CLOSING: readonly ScriptStep[] = [
  step('when', ['¿Cuándo fue? ¿Un día, o entre qué días?', 'When was it? One day, or between which days?'], {
    field: 'occurred',
  }),
  step('municipality', ['¿En qué municipio o alcaldía ocurrió?', 'In which municipality did it happen?'], {
    field: 'municipality',
  }),
  step(
    'place',
    ['¿En qué lugar? Una oficina, una calle, una obra.', 'In what place? An office, a street, a site.'],
    { field: 'place' },
  ),
  step(
    'accused',
    [
      '¿Quién lo hizo? Si no sabe el nombre, dígame el puesto o cómo es.',
      'Who did it? If you do not know the name, tell me the position or what the person looks like.',
    ],
    { field: 'accused' },
  ),
  step('witnesses', ['¿Alguien más lo vio o lo sabe?', 'Did anybody else see it or know about it?'], {
    field: 'witnesses',
    note: [
      'Si nombrarlos delata a quien llama, no los anotes.',
      'If naming them gives the caller away, do not write them down.',
    ],
  }),
  step(
    'privacy-notice',
    [
      'Antes de pedirle sus datos le leo el aviso de privacidad. ¿Lo acepta?',
      'Before I ask for your data I will read the privacy notice to you. Do you accept it?',
    ],
    {
      field: 'privacyNotice',
      note: [
        'Sólo si eligió confidencial o con sus datos. El texto y su versión están en GET /public/privacy-notice.',
        'Only for confidential or identified reports. Text and version are in GET /public/privacy-notice.',
      ],
    },
  ),
  step(
    'reporter',
    [
      '¿Cómo podemos encontrarle? Su nombre, correo o teléfono.',
      'How can we reach you? Your name, e-mail or telephone.',
    ],
    {
      field: 'reporter',
      note: [
        'Sólo si eligió confidencial o con sus datos. Basta uno de los tres.',
        'Only for confidential or identified reports. One of the three is enough.',
      ],
    },
  ),
  step(
    'read-back',
    [
      'Le leo lo que anoté, para que me corrija.',
      'I will read what I wrote down, so that you can correct me.',
    ],
    { note: ['Lee `readBack`, completo.', 'Read `readBack`, all of it.'] },
  ),
  step(
    'receipt',
    [
      'Su denuncia ya está presentada. Anote su folio y su clave; se los leo dos veces. No se los dé a nadie.',
      'Your report is filed. Write down your folio and your access code; I will read them twice. Give them to nobody.',
    ],
    {
      note: [
        'Presenta con POST …/report y lee `spoken`, la clave de cuatro en cuatro. Pide que la persona te la repita. Si va a llamar al menú de voz, lee también el folio en cifras.',
        'File with POST …/report and read `spoken`, the code in fours. Ask the person to say it back. If they will call the voice menu, read the folio in digits as well.',
      ],
    },
  ),
  step('afterwards', [
    'Con el folio y la clave puede ver cómo va y contestar, por internet o llamando aquí. Como yo conozco la clave, puede cambiarla por internet por otra que sólo usted sepa.',
    'With folio and code you can see how it goes and answer, on the web or by calling here. As I know the code, you can exchange it on the web for one that only you know.',
  ]),
  step('goodbye', ['Gracias por llamar. ¿Algo más?', 'Thank you for calling. Is there anything else?'], {
    note: [
      'Termina con POST …/end cuando la persona haya anotado todo. Rompe lo que escribiste en papel.',
      'End with POST …/end when the person has written everything down. Tear up what you wrote on paper.',
    ],
  }),
];

/** Between the account and the rest, by the codes of the default catalogue. They fill gaps of the account. */
const OF_CATEGORY: Readonly<Record<string, readonly ScriptStep[]>> = {
  FRAUD: [
    step(
      'fraud-what',
      ['¿Con qué le engañaron, y qué perdió?', 'How were you deceived, and what did you lose?'],
      {
        field: 'narrative',
      },
    ),
    step(
      'fraud-proof',
      ['¿Le dieron algún papel, recibo o mensaje?', 'Were you given any paper, receipt or message?'],
      {
        field: 'narrative',
        note: [
          'Las fotos se mandan después, con folio y clave, por internet.',
          'Photos are sent afterwards on the web, with folio and access code.',
        ],
      },
    ),
  ],
  BRIBERY: [
    step(
      'bribery-asked',
      ['¿Qué le pidieron, cuánto y para qué trámite?', 'What were you asked for, how much and for what?'],
      { field: 'narrative' },
    ),
    step('bribery-paid', ['¿Llegó a pagar? ¿Cómo y a quién?', 'Did you pay? How, and whom?'], {
      field: 'narrative',
      note: [
        'No juzgues. Quien pagó bajo presión también puede denunciar.',
        'Do not judge. Who paid under pressure may report as well.',
      ],
    }),
  ],
  ABUSE_OF_POWER: [
    step(
      'abuse-order',
      [
        '¿Qué le obligaron a hacer, o qué le negaron?',
        'What were you made to do, or what was denied to you?',
      ],
      { field: 'narrative' },
    ),
  ],
  FAVORITISM: [
    step(
      'favoritism-who',
      ['¿A quién favorecieron, y cómo lo sabe?', 'Who was favoured, and how do you know?'],
      { field: 'narrative' },
    ),
  ],
  BAD_SERVICE: [
    step(
      'service-step',
      ['¿Qué trámite era, y qué le dijeron?', 'What did you apply for, and what were you told?'],
      {
        field: 'narrative',
      },
    ),
  ],
  HARASSMENT: [
    step(
      'harassment-safe',
      [
        'Siento lo que le pasó. No es su culpa. ¿Sigue viendo a esa persona? ¿Está a salvo?',
        'I am sorry for what happened to you. It is not your fault. Do you still see that person? Are you safe?',
      ],
      {
        field: 'narrative',
        note: [
          'No pidas detalles que no cuente por sí misma. Si hay peligro, 911.',
          'Ask for no details that are not told freely. If there is danger, 911.',
        ],
      },
    ),
  ],
  IMPERSONATION: [
    step(
      'impersonation-who',
      [
        '¿Quién dijo ser esa persona, y cómo le buscó?',
        'Who did that person claim to be, and how did they find you?',
      ],
      { field: 'narrative' },
    ),
    step(
      'impersonation-paid',
      ['¿Le dio dinero o documentos? ¿Por qué medio?', 'Did you give money or documents? By what means?'],
      { field: 'narrative' },
    ),
  ],
  SUBSIDY_DIVERSION: [
    step(
      'subsidy-which',
      ['¿Qué apoyo era, y qué llegó y qué no?', 'Which support was it, and what arrived and what did not?'],
      {
        field: 'narrative',
        note: [
          'Aclara que denunciar no le quita el apoyo.',
          'Make clear that reporting does not take the support away.',
        ],
      },
    ),
  ],
  WORKS_QUALITY: [
    step(
      'works-where',
      [
        '¿Qué obra es, y qué está mal? ¿Alguien corre peligro?',
        'Which work is it, and what is wrong? Is anybody in danger?',
      ],
      {
        field: 'narrative',
        note: [
          'Si puede caerse algo, Protección Civil: 911.',
          'If something may fall down, civil protection: 911.',
        ],
      },
    ),
  ],
  PUBLIC_SERVICES: [
    step(
      'services-since',
      [
        '¿Qué servicio falla, y desde cuándo? ¿Ya lo avisó?',
        'Which service fails, and since when? Did you tell anybody?',
      ],
      { field: 'narrative' },
    ),
  ],
  POLICE_CONDUCT: [
    step(
      'police-unit',
      [
        '¿Vio el número de la patrulla, el nombre o la placa? ¿Hubo golpes o detención?',
        'Did you see the number of the car, a name or a badge? Was there violence or an arrest?',
      ],
      { field: 'accused' },
    ),
  ],
  PERMITS: [
    step(
      'permits-which',
      [
        '¿Qué permiso o inspección fue, y de qué negocio u obra?',
        'Which permit or inspection, of which business or site?',
      ],
      { field: 'narrative' },
    ),
  ],
};

/** Categories that have steps of their own. */
export const SCRIPTED_CATEGORIES = Object.keys(OF_CATEGORY);

/** The steps of a call, in their order. @param category code; absent: not known yet */
export function scriptOf(category?: string): readonly ScriptStep[] {
  return [...OPENING, ...(OF_CATEGORY[category ?? ''] ?? []), ...CLOSING];
}
