#include "base/json.h"
#include "base/base.h"

json_t *json_text(const char *bytes) {
    if (!bytes) return json_null();
    Text text = {0};
    text_add_utf8(&text, bytes);
    json_t *json = json_string(text.data);
    text_free(&text);
    return json;
}

void json_put(json_t *object, const char *key, json_t *value) {
    Text text = {0};
    text_add_utf8(&text, key);
    json_object_set_new(object, text.data, value);
    text_free(&text);
}

void json_add(Text *text, json_t *json, size_t flags) {
    char *dump = json_dumps(json, flags);
    REQUIRE(dump != NULL);
    text_add(text, dump);
    memory_free(dump);
    json_decref(json);
}
