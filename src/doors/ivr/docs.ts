import { ApiHeader } from '@nestjs/swagger';
import { refusal } from '../../platform/http/api-docs.js';
import { ivrErrors } from './errors.js';
import { IVR_TOKEN } from './ivr-tokens.js';

export const CALLER = refusal(ivrErrors.callerRefused(), 'Un campo trae el número de quien llama.');
export const TokenHeader = (): MethodDecorator =>
  ApiHeader({
    name: IVR_TOKEN,
    required: true,
    example: 'dai_AbC',
    description: 'El token de `POST /ivr/sessions` o `POST /ivr/reports`. No lo guardes: abre la denuncia.',
  });
export const OVER = refusal(ivrErrors.sessionOver(), 'La consulta terminó, o es de otra clave de canal.');
