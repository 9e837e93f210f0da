#define WIN32_LEAN_AND_MEAN
#include <winsock2.h>
#include <windows.h>
#include "link.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Paths are UTF-8 here and wide in every call of the system, so that a user name with umlauts works. */
static int to_wide(const char *text, wchar_t *wide, int room) { return MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, room) > 0; }

static int to_utf8(const wchar_t *wide, char *text, size_t room) {
    return WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, (int)room, NULL, NULL) > 0;
}

static int variable(const wchar_t *name, char *text, size_t room) {
    wchar_t wide[1024];
    DWORD length = GetEnvironmentVariableW(name, wide, 1024);
    return length > 0 && length < 1024 && to_utf8(wide, text, room);
}

int resource_path(const char *name, char *path, size_t room) {
    HMODULE module;
    wchar_t wide[2048];
    char file[4096];
    DWORD flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    if (!GetModuleHandleExW(flags, (LPCWSTR)(size_t)&resource_path, &module)) return 0;
    DWORD length = GetModuleFileNameW(module, wide, 2048);
    if (!length || length >= 2048 || !to_utf8(wide, file, sizeof file)) return 0;
    char *end = strrchr(file, '\\');
    if (end) *end = 0;
    int written = snprintf(path, room, "%s\\..\\Resources\\%s", file, name);
    return written > 0 && (size_t)written < room;
}

int setting_path(const char *name, char *path, size_t room) {
    char folder[3072];
    if (!variable(L"APPDATA", folder, sizeof folder)) return 0;
    int length = snprintf(path, room, "%s\\vfxai\\%s", folder, name);
    return length > 0 && (size_t)length < room;
}

/* Port and token from the file worker.port, which only the user can read. */
static int read_port(int *port, char *token, size_t room) {
    char folder[3072], path[4096], text[512];
    if (!variable(L"VFXAI_WORKER_DIR", folder, sizeof folder)) {
        wchar_t wide[1024];
        char temporary[3072], user[512] = "";
        if (!GetTempPathW(1024, wide) || !to_utf8(wide, temporary, sizeof temporary)) return 0;
        variable(L"USERNAME", user, sizeof user);
        snprintf(folder, sizeof folder, "%s\\vfxai-%s", temporary, user);
    }
    snprintf(path, sizeof path, "%s\\worker.port", folder);
    wchar_t wide[4096];
    FILE *file = to_wide(path, wide, 4096) ? _wfopen(wide, L"rb") : NULL;
    if (!file) return 0;
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    char *second = strchr(text, '\n');
    if (!second) return 0;
    *port = atoi(text);
    second[1 + strcspn(second + 1, "\r\n")] = 0;
    return snprintf(token, room, "%s", second + 1) < (int)room && *port > 0 && *port < 65536;
}

Socket socket_open(char *token, size_t room) {
    WSADATA about;
    struct sockaddr_in address = {.sin_family = AF_INET};
    int port;
    if (WSAStartup(MAKEWORD(2, 2), &about) || !read_port(&port, token, room)) return -1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((u_short)port);
    SOCKET at = socket(AF_INET, SOCK_STREAM, 0);
    if (at == INVALID_SOCKET) return -1;
    SetHandleInformation((HANDLE)at, HANDLE_FLAG_INHERIT, 0);
    if (connect(at, (struct sockaddr *)&address, sizeof address)) {
        closesocket(at);
        return -1;
    }
    u_long on = 1;
    int now = 1;
    ioctlsocket(at, FIONBIO, &on);
    setsockopt(at, IPPROTO_TCP, TCP_NODELAY, (const char *)&now, sizeof now);
    return (Socket)at;
}

int socket_send(Socket at, const char *bytes, size_t length) {
    int sent = send((SOCKET)at, bytes, (int)length, 0);
    if (sent >= 0) return sent;
    return WSAGetLastError() == WSAEWOULDBLOCK ? 0 : -1;
}

int socket_read(Socket at, char *bytes, size_t room, int milliseconds) {
    fd_set reading;
    struct timeval limit = {milliseconds / 1000, milliseconds % 1000 * 1000};
    FD_ZERO(&reading);
    FD_SET((SOCKET)at, &reading);
    if (select(0, &reading, NULL, NULL, &limit) <= 0) return 0;
    int came = recv((SOCKET)at, bytes, (int)room, 0);
    if (came > 0) return came;
    return came < 0 && WSAGetLastError() == WSAEWOULDBLOCK ? 0 : -1;
}

void socket_close(Socket at) {
    if (at >= 0) closesocket((SOCKET)at);
}

void *map_open(const char *path, size_t bytes) {
    wchar_t wide[4096];
    if (!to_wide(path, wide, 4096)) return NULL;
    DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE; /* the worker removes it while it is mapped */
    HANDLE file = CreateFileW(wide, GENERIC_READ | GENERIC_WRITE, share, NULL, OPEN_EXISTING, 0, NULL);
    LARGE_INTEGER size;
    void *map = NULL;
    if (file == INVALID_HANDLE_VALUE) return NULL;
    if (GetFileSizeEx(file, &size) && (unsigned long long)size.QuadPart >= bytes) {
        HANDLE mapping = CreateFileMappingW(file, NULL, PAGE_READWRITE, 0, 0, NULL);
        if (mapping) {
            map = MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0, bytes);
            CloseHandle(mapping);
        }
    }
    CloseHandle(file);
    return map;
}

void map_close(void *map, size_t bytes) {
    (void)bytes;
    if (map) UnmapViewOfFile(map);
}

/* The environment without what a host set for its own Python, as the row of texts that CreateProcess takes. */
static wchar_t *clean_environment(void) {
    static const wchar_t *const left_out[] = {L"PYTHON", L"QT_", L"OCIO=", L"VIRTUAL_ENV="};
    wchar_t *all = GetEnvironmentStringsW(), *end = all;
    if (!all) return NULL;
    while (*end) end += wcslen(end) + 1;
    wchar_t *clean = malloc((size_t)(end - all + 1) * sizeof *clean), *to = clean;
    for (wchar_t *entry = all; clean && *entry; entry += wcslen(entry) + 1) {
        int skipped = 0;
        for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++) skipped |= !_wcsnicmp(entry, left_out[i], wcslen(left_out[i]));
        if (skipped) continue;
        wcscpy(to, entry);
        to += wcslen(entry) + 1;
    }
    if (clean) *to = 0;
    FreeEnvironmentStringsW(all);
    return clean;
}

Process process_start(const char *program) {
    char command[4096];
    wchar_t wide[4096];
    STARTUPINFOW start = {.cb = sizeof start};
    PROCESS_INFORMATION started;
    const char *base = strrchr(program, '\\');
    int is_python = !_strnicmp(base ? base + 1 : program, "python", 6);
    snprintf(command, sizeof command, "\"%s\"%s worker start", program, is_python ? " -m vfxai" : "");
    wchar_t *environment = clean_environment();
    int done = environment && to_wide(command, wide, 4096) &&
               CreateProcessW(NULL, wide, NULL, NULL, FALSE, CREATE_NO_WINDOW | CREATE_UNICODE_ENVIRONMENT, environment, NULL, &start, &started);
    free(environment);
    if (!done) return 0;
    CloseHandle(started.hThread);
    return (Process)(size_t)started.hProcess;
}

int process_ended(Process *process, int *status) {
    DWORD code = 0;
    HANDLE handle = (HANDLE)(size_t)*process;
    if (WaitForSingleObject(handle, 0) != WAIT_OBJECT_0) return 0;
    GetExitCodeProcess(handle, &code);
    *status = (int)code;
    process_leave(process);
    return 1;
}

void process_leave(Process *process) {
    if (*process) CloseHandle((HANDLE)(size_t)*process);
    *process = 0;
}

int lock_try(volatile int *lock) { return !__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE); }

void lock_free(volatile int *lock) { __atomic_store_n(lock, 0, __ATOMIC_RELEASE); }

void nap(int milliseconds) { Sleep((DWORD)milliseconds); }

double seconds(void) { return (double)GetTickCount64() * 1e-3; }
