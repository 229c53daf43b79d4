import { withMode } from '../../draft.js';
import type { Choices, Flow, FlowStep, Outcome } from '../../flow.js';
import { after, forget, say, tell } from '../../outcomes.js';
import type { ConversationContext, ConversationState } from '../../state.js';
import { TEXTS } from '../../texts.js';
import { HEARING } from './hearing.js';
import {
  anew,
  askToCancel,
  correct,
  decline,
  erase,
  finish,
  goBack,
  goOn,
  leave,
  start,
  submit,
  toResume,
  toSummary,
} from './moves.js';
import { draftOf, ORDER, STEPS, type ReportStep, type ReportStepName } from './steps.js';

/** Choices that do more than change the draft. */
const MOVES: Readonly<Partial<Record<ReportStepName, Choices>>> = {
  notice: { decline: { words: ['no', 'no acepto'], then: decline } },
  narrative: {
    finish: {
      words: ['listo', 'lista', 'listo continuar', 'continuar', 'es todo', 'termine'],
      then: (turn) => finish(turn, draftOf(turn)),
    },
  },
  confirm: {
    send: {
      words: ['enviar', 'enviar denuncia', 'si'],
      then: (turn) => submit(turn, draftOf(turn)),
      late: TEXTS.sentBefore,
    },
    correct: { words: ['corregir', 'no'], then: ({ state }) => correct(state) },
  },
};

/** A report, from the privacy notice to its confirmation. Between two messages it lives in `state.draft`. */
export const REPORT_FLOW: Flow = {
  steps: Object.fromEntries(ORDER.map((name) => [name, flowStep(STEPS[name], MOVES[name])])),
  everywhere: {
    report: { then: (turn) => (turn.state.draft ? say(turn.state, toResume(turn)) : start(turn)) },
    continue: { needsDraft: true, then: (turn) => goOn(turn, draftOf(turn)) },
    restart: {
      words: ['empezar de nuevo', 'comenzar de nuevo', 'volver a empezar', 'reiniciar'],
      then: (turn) =>
        turn.state.draft ? start({ ...turn, state: anew(turn.state) }, TEXTS.restarted) : start(turn),
    },
    cancel: { words: ['cancelar', 'cancela'], then: askToCancel },
    erase: { words: ['borrar', 'borrar mis datos'], then: erase },
    file_help: { then: ({ state, context }) => fileHelp(state, context) },
    summary: {
      words: ['resumen', 'ir al resumen', 'ver resumen'],
      needsDraft: true,
      then: (turn) => toSummary(turn),
    },
    back: { words: ['atras', 'regresar', 'volver'], then: goBack },
    stop: {
      words: ['baja', 'alto', 'stop'],
      then: ({ state, context }) =>
        state.draft
          ? leave({ ...state, muted: true }, TEXTS.muted(context.draftHours))
          : forget(TEXTS.goodbye),
    },
    change_mode: {
      words: ['modalidad', 'cambiar modalidad'],
      needsDraft: true,
      then: (turn) => goOn(turn, withMode(draftOf(turn), undefined)),
    },
    exit: {
      words: ['salir'],
      then: ({ state, context }) =>
        state.draft ? leave(state, TEXTS.paused(context.draftHours)) : forget(TEXTS.goodbye),
    },
  },
  hears: HEARING,
};

function fileHelp(state: ConversationState, context: ConversationContext): Outcome {
  if (!state.draft) return tell(state, TEXTS.fileHelp);
  return say(state, after(TEXTS.fileHelp, STEPS[state.step as ReportStepName].ask(state, context)));
}

/** The step with its choices, as the engine runs it. */
function flowStep({ choices = {}, ...step }: ReportStep, moves: Choices = {}): FlowStep {
  const changes = Object.entries(choices).map(([action, { change, ...choice }]) => [
    action,
    { ...choice, then: (turn: Parameters<typeof goOn>[0]) => goOn(turn, change(draftOf(turn), turn)) },
  ]);
  return { ...step, choices: { ...(Object.fromEntries(changes) as Choices), ...moves } };
}
