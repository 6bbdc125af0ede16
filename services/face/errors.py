"""What can go wrong in the face room.

Fault
├── BodyMalformed, BodyTooLarge, BodyUnsupported                    the request's fault
├── PhotoEmpty, PhotoTooLarge, PhotoUnsupported, PhotoUnreadable,
│   PhotoNotBase64                                                  the photo's fault
├── NoFace                                                          nobody there to enroll
├── GalleryUnknown, IdentityUnknown, PhotoUnknown
├── Busy, NotReady, PhotoTimedOut, PhotoFailed                      ours
├── GalleryUnwritable, GalleryDamaged                               the disk's
└── ModelsMissing                                                   the installation's
"""

from foundation.http import Fault


class BodyMalformed(Fault):
    """Neither a form nor JSON, whatever its content type says."""

    code = "body_malformed"
    status = 400
    title = "The request's body cannot be read"


class BodyTooLarge(Fault):
    """The request as a whole has too many bytes."""

    code = "body_too_large"
    status = 413
    title = "The request is too large"


class BodyUnsupported(Fault):
    """A content type that is not asked for here."""

    code = "body_unsupported"
    status = 415
    title = "Send multipart/form-data or application/json"


class PhotoEmpty(Fault):
    """No bytes came."""

    code = "photo_empty"
    status = 422
    title = "The photo is empty"


class PhotoTooLarge(Fault):
    """Too many bytes, or too many pixels."""

    code = "photo_too_large"
    status = 413
    title = "The photo is too large"


class PhotoUnsupported(Fault):
    """The bytes are no picture of a kind that we read."""

    code = "photo_unsupported"
    status = 415
    title = "This is not a photo that can be read here"


class PhotoUnreadable(Fault):
    """A picture, but a broken one."""

    code = "photo_unreadable"
    status = 422
    title = "The photo is damaged"


class PhotoNotBase64(Fault):
    """A photo that came as text, which is no base64."""

    code = "photo_not_base64"
    status = 422
    title = "The photo is not base64"


class NoFace(Fault):
    """Enrolling needs a face. Elsewhere, no face is an answer and no error."""

    code = "no_face"
    status = 422
    title = "No face was found in the photo"


class GalleryUnknown(Fault):
    """Nobody was ever enrolled in a gallery of this name, or it was deleted."""

    code = "gallery_unknown"
    status = 404
    title = "There is no gallery of this name"


class IdentityUnknown(Fault):
    """The gallery has nobody by this id."""

    code = "identity_unknown"
    status = 404
    title = "Nobody in the gallery has this id"


class PhotoUnknown(Fault):
    """The person has no photo by this id."""

    code = "photo_unknown"
    status = 404
    title = "This person has no photo of this id"


class Busy(Fault):
    """The queue of photos is full."""

    code = "busy"
    status = 429
    retryable = True
    title = "Too many photos at once"
    retry_after_s = 2


class NotReady(Fault):
    """The models are not loaded yet, or a process does not start."""

    code = "not_ready"
    status = 503
    retryable = True
    title = "The models are not loaded yet"
    retry_after_s = 2


class PhotoTimedOut(Fault):
    """The photo took longer than its limit; the process that read it was killed."""

    code = "photo_timed_out"
    status = 504
    title = "The photo took too long"


class PhotoFailed(Fault):
    """The process that read the photo died, twice; or it met a defect of ours."""

    code = "photo_failed"
    status = 500
    retryable = True
    title = "The photo could not be worked on"


class GalleryUnwritable(Fault):
    """The disk refused a write: nothing was changed."""

    code = "gallery_unwritable"
    status = 503
    retryable = True
    title = "The gallery cannot be written"


class GalleryDamaged(Fault):
    """The journal is broken before its end. Nothing is cut off: a person has to look."""

    code = "gallery_damaged"
    title = "The gallery's journal is damaged"


class ModelsMissing(Fault):
    """The model files are not where they should be."""

    code = "models_missing"
    status = 503
    title = "The model files are not installed"
