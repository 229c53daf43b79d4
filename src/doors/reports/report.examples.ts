/**
 * Each example can be sent unchanged: without credentials, with a channel key, or with an operator's session.
 */
export const REPORT_EXAMPLES = {
  web: {
    summary: 'Web, anónima: sin credencial',
    value: {
      institution: 'CONAVI-DEMO',
      mode: 'anonymous',
      narrative: 'En la ventanilla tres me pidieron dinero para inscribirme en el programa.',
      category: 'BRIBERY',
      municipality: '15002',
      occurred: { from: '2026-11-01', to: '2026-11-03' },
      accused: [{ position: 'Ventanilla', description: 'Alto, con lentes' }],
    },
  },
  voice: {
    summary: 'Por voz: la grabación se manda después, con folio y clave',
    value: { institution: 'CONAVI-DEMO', mode: 'anonymous', voice: true, municipality: '15002' },
  },
  channel: {
    summary: 'Canal, confidencial: con X-Api-Key, y con la referencia del sistema que la manda',
    value: {
      externalReference: 'LLAMADA-00017',
      mode: 'confidential',
      narrative: 'El encargado del padrón inscribió a su familia, que no vive aquí.',
      category: 'FRAUD',
      reporter: { name: 'Nombre de prueba', phone: '55 5555 0100' },
      privacyNotice: { version: '2026-1', accepted: true },
    },
  },
  phone: {
    summary: 'Teléfono, con nombre: con la sesión de operación; la llamada es de ahora si falta `call`',
    value: {
      mode: 'identified',
      narrative: 'Me negaron el trámite aunque llevé todos los documentos.',
      reporter: { name: 'Nombre de prueba', phone: '55 5555 0100' },
      privacyNotice: { version: '2026-1', accepted: true },
    },
  },
  lateCall: {
    summary:
      'Teléfono, una llamada de hace dos días que se registra hoy: los plazos cuentan desde la llamada',
    value: {
      mode: 'anonymous',
      narrative: 'Llamó para decir que la obra tiene grietas en todos los muros.',
      category: 'WORKS_QUALITY',
      call: { startedAt: '2026-11-18T10:00:00-06:00', reason: 'No había sistema en la caseta.' },
    },
  },
};
