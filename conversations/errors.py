"""The heart's branch of the error tree. The docstring of a class is the sentence that the user sees.

Below the root stand ``FileError`` (one file cannot be used; the question is still answered where it can be),
``AccessError`` (somebody may not have this done, here or at all; said to that person alone), ``LimitError`` (a limit of
this installation) and ``SlackError`` (Slack refused something).
"""

from __future__ import annotations

from errors import AnalystError


class FileError(AnalystError):
    """I could not use *{name}*."""


class FileEmpty(FileError):
    """*{name}* is empty, so there is nothing in it to analyse."""


class FileTooLarge(FileError):
    """*{name}* is too large for me ({size}); the limit here is {limit}."""


class FileDeleted(FileError):
    """*{name}* has been deleted. Please upload it again."""


class FileElsewhere(FileError):
    """*{name}* was not shared in this conversation, so I do not open it here. Please share it here."""


class ForwardUnproven(FileError):
    """*{name}* was forwarded from a place where one of us is not a member. Please share the file itself here."""


class FileExternal(FileError):
    """*{name}* lives outside of Slack and I cannot open it. Please upload the file itself."""


class FileIsEmail(FileError):
    """*{name}* is an email, of which I read neither text nor attachments. Please share the attachments as files."""


class FileNotVisible(FileError):
    """*{name}* is not visible to me. Please share it in this channel again."""


class FileIsLoginPage(FileError):
    """Slack gave me a login page instead of *{name}*.

    The app needs the scope `files:read` and must then be re-installed.
    """


class FileKindUnsupported(FileError):
    """*{name}* is not a data file ({kind}), so I left it out."""


class FileNotInspected(FileError):
    """*{name}* cannot be looked into; I pass it on as it is."""


class DownloadFailed(FileError):
    """Slack did not hand over *{name}*, although I tried several times. Please try again in a minute."""


class ResultTooLarge(FileError):
    """*{name}* is larger than {limit}, so I cannot hand it over. Please ask me for a smaller file."""


class SpoolFull(FileError):
    """There is no room to fetch *{name}* right now. Please try again in a few minutes."""


class SpoolUnusable(FileError):
    """I have no place to fetch *{name}* to. Please tell the person who runs me to look at `SPOOL_DIR`."""


class AccessError(AnalystError):
    """I may not do this for you; an admin of this workspace can tell you more."""


class NotAMember(AccessError):
    """I work here only for members of a channel that I am in as well."""


class ChannelNotYours(AccessError):
    """Only an admin of this workspace, or who has made this channel, can make me forget what was asked in it."""


class GuestNotTaken(AccessError):
    """I do not work for guests; if you need me, please ask {contact}."""


class StrangerNotTaken(AccessError):
    """I work only for the people of my own workspace; if you need me, please ask {contact}."""


class AccountDeactivated(AccessError):
    """Your account is deactivated in this workspace; if you need me, please ask {contact}."""


class WorkspaceNotTaken(AccessError):
    """I do not work for this workspace; if you need me, please ask {contact}."""


class ChannelNotTaken(AccessError):
    """I am not meant to work here; if you need me here, please ask {contact}."""


class PersonNotTaken(AccessError):
    """I am not meant to work for you; if you need me, please ask {contact}."""


class GroupsUnknown(AccessError):
    """I work for certain groups of people only, and Slack does not tell me who is in them. Please tell {contact}."""


class AdminsOnly(AccessError):
    """Only an admin of this workspace, or a person in the setting `ADMINS`, can do that."""


class AskedByBot(AccessError):
    """I do not answer other apps."""


class AccessUnknown(AccessError):
    """Slack does not tell me right now whether I may do this for you, so I have not. Please try again in a minute."""


class NotHere(AccessError):
    """I find nothing here any more that this could be done with."""


class NoDataOnMessage(AnalystError):
    """That message has no data file or table. Use this on a message that has one."""


class AlreadyChosen(AnalystError):
    """{by} has chosen *{name}* already."""


class ChoiceTooLate(AnalystError):
    """I asked that more than a day ago. Please ask your question again."""


class SetAside(AnalystError):
    """I break down each time I work on this, so I gave it up. Please ask for something else, or in another way."""


class LimitError(AnalystError):
    """A limit of this installation was reached. Please try again later."""


class ThreadQueueFull(LimitError):
    """{limit} questions are waiting in this thread already. Please ask again when some are answered."""


class PersonHourlyLimit(LimitError):
    """You have asked {limit} questions in the last hour, which is the limit here. Please try again later."""


class PersonBusy(LimitError):
    """{limit} of your questions are being answered right now, which is the limit here. Please wait for one of them."""


class RunTooLong(LimitError):
    """This took longer than {minutes} minutes, so I stopped. Please ask for a smaller step."""


class PersonBudgetSpent(LimitError):
    """Your budget here is used up, so I have not started on this. There is a new one from {until} on."""


class ChannelBudgetSpent(LimitError):
    """The budget of this channel is used up, so I have not started on this. There is a new one from {until} on."""


class WorkspaceBudgetSpent(LimitError):
    """The budget of this workspace is used up, so I have not started on this. There is a new one from {until} on."""


class PausedHere(LimitError):
    """An admin has paused me here, so I have not started on this. Please ask again when I am back."""


class PausedWorkspace(LimitError):
    """An admin has paused me in this workspace, so I have not started on this. Please ask again when I am back."""


class SlackError(AnalystError):
    """Slack refused my answer ({error}). Please tell the person who runs me."""


class NotInChannel(SlackError):
    """I cannot post where you asked me, because I am not a member there. Please `/invite` me and ask again."""


class ChannelArchived(SlackError):
    """The channel where you asked me is archived, so I cannot answer there."""


class ThreadClosed(SlackError):
    """The place where you asked me does not let me post ({error}). Please ask me elsewhere, or in a direct message."""


class ThreadDeleted(SlackError):
    """The message that you asked under is gone, so I cannot answer there. Please ask again."""


class UploadRefused(SlackError):
    """Slack did not take *{name}* ({error})."""


class AppNotAllowed(SlackError):
    """Slack does not allow me to answer ({error}). The app must be installed again, with the scopes of its manifest."""


class SlackUnavailable(SlackError):
    """Slack did not take my answer, although I tried for {minutes} minutes."""


class MissingScope(SlackError):
    """I am not allowed to do this here: the app needs the scope `{needed}` and must then be re-installed."""


class ReadRefused(SlackError):
    """Slack did not let me read what I need here ({error}). Please try again in a minute."""
