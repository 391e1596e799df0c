from plosive_proto.v1 import conform_pb2 as _conform_pb2
from plosive_proto.v1 import faces_pb2 as _faces_pb2
from plosive_proto.v1 import info_pb2 as _info_pb2
from plosive_proto.v1 import job_pb2 as _job_pb2
from plosive_proto.v1 import motion_pb2 as _motion_pb2
from plosive_proto.v1 import preview_pb2 as _preview_pb2
from plosive_proto.v1 import score_pb2 as _score_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
