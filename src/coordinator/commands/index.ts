import type { MethodName } from "../../protocol/index.ts";
import type { Command } from "./command.ts";
import { attachmentBegin, attachmentChunk, attachmentEnd } from "./attachment.ts";
import { commandExpand, commandList } from "./prompt-commands.ts";
import { fileComplete } from "./file-complete.ts";
import { jobKill } from "./job-kill.ts";
import { jobOutput } from "./job-output.ts";
import { jobList } from "./job-list.ts";
import { modelList } from "./model-list.ts";
import { permissionList } from "./permission-list.ts";
import { permissionResolve } from "./permission-resolve.ts";
import { modelChoose, providerConnect, providerList } from "./providers.ts";
import { providerCheck, providerUpdate } from "./provider-care.ts";
import { questionAnswer } from "./question-answer.ts";
import { screenClose } from "./screen-close.ts";
import { screenOpen } from "./screen-open.ts";
import { screenShow } from "./screen-show.ts";
import { serverStatus } from "./server-status.ts";
import { serverStop } from "./server-stop.ts";
import { sessionCancel } from "./session-cancel.ts";
import { sessionCompact } from "./session-compact.ts";
import { sessionCreate } from "./session-create.ts";
import { sessionDelete } from "./session-delete.ts";
import { sessionFork } from "./session-fork.ts";
import { sessionGet } from "./session-get.ts";
import { sessionImport } from "./session-import.ts";
import { sessionList } from "./session-list.ts";
import { sessionMessages } from "./session-messages.ts";
import { sessionPrompt } from "./session-prompt.ts";
import { sessionRedo } from "./session-redo.ts";
import { sessionRename } from "./session-rename.ts";
import { sessionResume } from "./session-resume.ts";
import { sessionRewind } from "./session-rewind.ts";
import { sessionSearch } from "./session-search.ts";
import { sessionSetModel } from "./session-set-model.ts";
import { sessionSetPlan } from "./session-set-plan.ts";
import { sessionSetYolo } from "./session-set-yolo.ts";
import { sessionSubscribe } from "./session-subscribe.ts";
import { sessionShell } from "./session-shell.ts";
import { sessionTurns } from "./session-turns.ts";
import { sessionUndo } from "./session-undo.ts";
import { sessionUnsubscribe } from "./session-unsubscribe.ts";
import { trustDecline, trustGrant, trustRevoke, trustStatus } from "./trust.ts";
import { uiSettings } from "./ui-settings.ts";

/** Every method of the protocol; the type checker knows when one is missing. */
export const commands: { readonly [M in MethodName]: Command<M> } = {
  "session.create": sessionCreate,
  "session.list": sessionList,
  "session.get": sessionGet,
  "session.rename": sessionRename,
  "session.delete": sessionDelete,
  "session.messages": sessionMessages,
  "session.search": sessionSearch,
  "session.subscribe": sessionSubscribe,
  "session.unsubscribe": sessionUnsubscribe,
  "session.prompt": sessionPrompt,
  "session.cancel": sessionCancel,
  "session.resume": sessionResume,
  "session.compact": sessionCompact,
  "session.setModel": sessionSetModel,
  "session.setYolo": sessionSetYolo,
  "session.setPlan": sessionSetPlan,
  "session.turns": sessionTurns,
  "session.undo": sessionUndo,
  "session.redo": sessionRedo,
  "session.rewind": sessionRewind,
  "session.fork": sessionFork,
  "session.import": sessionImport,
  "permission.list": permissionList,
  "permission.resolve": permissionResolve,
  "question.answer": questionAnswer,
  "model.list": modelList,
  "ui.settings": uiSettings,
  "trust.status": trustStatus,
  "trust.grant": trustGrant,
  "trust.decline": trustDecline,
  "trust.revoke": trustRevoke,
  "provider.list": providerList,
  "provider.connect": providerConnect,
  "provider.check": providerCheck,
  "provider.update": providerUpdate,
  "model.choose": modelChoose,
  "file.complete": fileComplete,
  "attachment.begin": attachmentBegin,
  "attachment.chunk": attachmentChunk,
  "attachment.end": attachmentEnd,
  "command.list": commandList,
  "command.expand": commandExpand,
  "screen.open": screenOpen,
  "screen.close": screenClose,
  "screen.show": screenShow,
  "session.shell": sessionShell,
  "job.list": jobList,
  "job.output": jobOutput,
  "job.kill": jobKill,
  "server.status": serverStatus,
  "server.stop": serverStop,
};
