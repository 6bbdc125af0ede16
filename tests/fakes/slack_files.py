"""The stand-in's files: what people shared, and what the bot uploads."""

from tests.fakes.slack_state import Args, Refused, SlackState, listed


def tell(slack: SlackState, args: Args) -> Args:
    slack.needs("files:read")
    if args["file"] not in slack.files:
        raise Refused("file_not_found")
    file = dict(slack.files[args["file"]])
    if not file["mimetype"]:  # looked into behind the answer: the next question finds it
        slack.files[args["file"]]["mimetype"] = "image/jpeg"
    return {"file": file}


def begin_upload(slack: SlackState, args: Args) -> Args:
    slack.needs("files:write")
    file_id = f"F{len(slack.contents):08}U"
    return {"upload_url": f"{slack.base_url}/upload/v1/{file_id}", "file_id": file_id}


def end_upload(slack: SlackState, args: Args) -> Args:
    wanted = listed(args["files"])
    for file in wanted:
        if file["id"] not in slack.contents:
            raise Refused("file_not_found")
        slack.files[file["id"]] = {"id": file["id"], "mimetype": "", "title": file["title"]}
    return {"files": [slack.files[file["id"]] for file in wanted]}


METHODS = {
    "files.info": tell,
    "files.getUploadURLExternal": begin_upload,
    "files.completeUploadExternal": end_upload,
}
