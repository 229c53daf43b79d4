import { applyDecorators, Body, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOperation } from '@nestjs/swagger';
import { Requires } from '../../platform/http/access.js';
import { Correspondence } from './correspondence.service.js';
import { DocumentedMove } from './docs.js';
import type { OnCase } from './moves/case-moves.js';
import { ChangesCases, TheCase } from './moves/route.js';
import { TextRequest } from './requests.js';
import { WrittenView } from './views.js';

/** Mark a route that writes into a case and changes no state. */
function Writes(path: string): MethodDecorator {
  return applyDecorators(
    Post(path),
    Requires('cases.write'),
    ApiCreatedResponse({ type: WrittenView }),
    DocumentedMove(),
  );
}

@ChangesCases()
export class CorrespondenceController {
  constructor(private readonly correspondence: Correspondence) {}

  @Writes('messages')
  @ApiOperation({
    operationId: 'writeMessage',
    summary: 'Escribir a quien denuncia',
    description: 'Lo verá con folio y clave, también si es anónima.',
  })
  message(@TheCase() on: OnCase, @Body() { text }: TextRequest): Promise<WrittenView> {
    return this.correspondence.message(on, text);
  }

  @Writes('notes')
  @ApiBody({
    type: TextRequest,
    examples: { note: { value: { text: 'Falta pedir el padrón a Subsidios.' } } },
  })
  @ApiOperation({
    operationId: 'writeNote',
    summary: 'Nota interna',
    description: 'Quien denuncia nunca la ve.',
  })
  note(@TheCase() on: OnCase, @Body() { text }: TextRequest): Promise<WrittenView> {
    return this.correspondence.note(on, text);
  }
}
