"""What skills say where a bot's domain has no response of that name."""

from services.nlp.dialogue.stage import LANGUAGE
from services.nlp.formats.bot import SlotCondition, Variation

ENGLISH = {
    "utter_default": "Sorry, I did not understand that.",
    "utter_action_failed": "Sorry, that did not work just now. Please try again later.",
    "utter_ask_affirmation": "Did you mean “{intent}”?",
    "utter_ask_rephrase": "Could you put that in other words?",
    "utter_restart": "All forgotten: we begin anew.",
    "utter_help": "Write to me, or send a photo with a face.",
    "utter_too_many_messages": "Too many messages at once: I have dropped some. Please wait for my answers.",
    "utter_face_match": "You look like {person}: {likeness}, {percent}%.",
    "utter_face_same": "That is {person}, I think ({percent}%).",
    "utter_likeness_striking": "a striking resemblance",
    "utter_likeness_strong": "a strong resemblance",
    "utter_likeness_clear": "a clear resemblance",
    "utter_likeness_some": "some resemblance",
    "utter_likeness_faint": "a faint resemblance",
    "utter_face_others": "Next come {others}.",
    "utter_face_other": "{person} ({percent}%)",
    "utter_face_several": "I see {faces_found} faces and looked at the largest one.",
    "utter_face_which": "I see {faces_found} faces and looked at the largest, the {ordinal} from the left.",
    "utter_face_small": "The face is small on this photo. From closer by I can tell more surely.",
    "utter_face_dark": "The face is dark on this photo. With more light on it I can tell more surely.",
    "utter_face_blurred": "The face is blurred on this photo. With a sharper one I can tell more surely.",
    "utter_face_none": "I cannot find a face on this photo. Try one with the face in full view, well lit.",
    "utter_face_gallery_empty": "I found a face, but nobody is enrolled yet to compare it with.",
    "utter_photo_unreadable": "I cannot read this file as a picture. Please send a JPEG or PNG.",
    "utter_photo_unsupported": "I cannot read pictures of this format. Please send a JPEG or PNG.",
    "utter_photo_too_large": "This photo is too large. Please send one under 10 MB and 40 megapixels.",
    "utter_photo_gone": "I no longer have this photo. Please send it again.",
    "utter_face_busy": "Many photos are waiting at the moment. Please send yours again in a minute.",
    "utter_photo_failed": "Something went wrong with this photo. Please try another one.",
}
CHINESE = {
    "utter_default": "抱歉，我不太明白你的意思。",
    "utter_action_failed": "抱歉，剛才沒有成功，請稍後再試。",
    "utter_ask_affirmation": "你是說「{intent}」嗎？",
    "utter_ask_rephrase": "可以換個說法嗎？",
    "utter_restart": "都忘掉了，我們重新開始。",
    "utter_help": "寫訊息給我，或傳一張有臉的照片。",
    "utter_too_many_messages": "訊息太多了，我只好略過一些。請等我回覆。",
    "utter_face_match": "你最像 {person}：{likeness}，{percent}%。",
    "utter_face_same": "我想這就是 {person}（{percent}%）。",
    "utter_likeness_striking": "像得驚人",
    "utter_likeness_strong": "非常相像",
    "utter_likeness_clear": "相當像",
    "utter_likeness_some": "有幾分像",
    "utter_likeness_faint": "只有一點點像",
    "utter_face_others": "接下來是：{others}。",
    "utter_face_other": "{person}（{percent}%）",
    "utter_face_several": "我看到 {faces_found} 張臉，只看了最大的那張。",
    "utter_face_which": "我看到 {faces_found} 張臉，看的是最大的那張：從左邊數第 {number} 張。",
    "utter_face_small": "照片上的臉有點小。靠近一點再拍一張，我會看得更準。",
    "utter_face_dark": "照片上的臉有點暗。光線亮一點，我會看得更準。",
    "utter_face_blurred": "照片上的臉有點模糊。換一張清楚的，我會看得更準。",
    "utter_face_none": "這張照片裡找不到臉。請換一張正面、光線充足的照片。",
    "utter_face_gallery_empty": "我找到一張臉，但還沒有登錄任何人可以比較。",
    "utter_photo_unreadable": "我讀不了這個檔案。請傳 JPEG 或 PNG 圖片。",
    "utter_photo_unsupported": "我讀不了這種格式的圖片。請傳 JPEG 或 PNG。",
    "utter_photo_too_large": "這張照片太大了。請傳小於 10 MB、4000 萬像素的照片。",
    "utter_photo_gone": "這張照片已經不在了，請再傳一次。",
    "utter_face_busy": "現在等待的照片很多，請過一分鐘再傳一次。",
    "utter_photo_failed": "處理這張照片時出了問題，請換一張試試。",
}
_CHINESE_IS_READ = (SlotCondition(LANGUAGE, "zh"),)


def with_built_in(
    responses: dict[str, tuple[Variation, ...]], is_chinese: bool
) -> dict[str, tuple[Variation, ...]]:
    """The bot's own responses, and ours for the names that it does not define: in Chinese, too, for those
    who read it."""
    ours = {
        name: (Variation(text=CHINESE[name]),)
        if is_chinese
        else (Variation(text=text), Variation(text=CHINESE[name], conditions=_CHINESE_IS_READ))
        for name, text in ENGLISH.items()
    }
    return {**ours, **responses}
