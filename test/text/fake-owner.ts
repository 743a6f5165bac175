/**
 * The owner of a conversation, for tests: records what it is told to do, in its order.
 */
import type { Command } from '../../src/core/command.ts';
import type { Conversation, ConversationOwner } from '../../src/text/conversation.ts';
import { NO_DIRECTORY, type PeerDirectory } from '../../src/text/format.ts';

/** What came of a conversation; subclasses make it, and answer its commands. */
export abstract class FakeOwner implements ConversationOwner {
  abstract readonly conversation: Conversation;
  readonly directory: PeerDirectory = NO_DIRECTORY;
  readonly commands: Command[] = [];
  /** Writes and endings in their order. */
  readonly done: string[] = [];
  unread = 0;

  /** Answers a command, or not. */
  protected abstract answer(command: Command): void;

  /** What the client sends, one code unit a byte. */
  type(text: string): void {
    this.conversation.receive(Buffer.from(text, 'latin1'));
  }

  command(command: Command): void {
    this.commands.push(command);
    this.answer(command);
  }

  input(): void {}

  write(text: string): void {
    this.done.push(text);
  }

  unreadBytes(): number {
    return this.unread;
  }

  pauseInput(): void {
    this.done.push('pause');
  }

  resumeInput(): void {
    this.done.push('resume');
  }

  end(ending: string): void {
    this.done.push(ending);
  }

  abort(): void {
    this.done.push('abort');
  }
}
